"""The website's channel: sessions, messages, a stream of events (docs/web-channel.md is its wire format)."""
