"""Events become files: calendars to subscribe to, tables for the desk."""
