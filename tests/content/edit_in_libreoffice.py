"""Edits a workbook in a real LibreOffice, started without a window; run by the Python that has `uno`.

Usage: edit_in_libreoffice.py FILE EDITS.json [PROFILE]: edits are [cell of the first sheet, text], or ["row", N] to
delete a row. The file is saved over itself, as a person would.
"""

import json
import subprocess
import sys
import time
from pathlib import Path

import uno
from com.sun.star.beans import PropertyValue
from com.sun.star.connection import NoConnectException

PIPE = "faqsheet"


def main(file: str, edits: str, profile: str) -> None:
    office = subprocess.Popen(
        ["soffice", f"-env:UserInstallation=file://{profile}", "--headless", "--norestore", "--nologo",
         f"--accept=pipe,name={PIPE};urp;"], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )  # fmt: skip
    try:
        desktop = connect(office)
        book = desktop.loadComponentFromURL(Path(file).as_uri(), "_blank", 0, (value("Hidden", True),))
        sheet = book.Sheets.getByIndex(0)
        for place, text in json.loads(edits):
            if place == "row":
                sheet.Rows.removeByIndex(text - 1, 1)
            else:
                sheet.getCellRangeByName(place).String = text
        book.storeToURL(Path(file).as_uri(), (value("FilterName", "Calc MS Excel 2007 XML"),))
        book.close(True)
        desktop.terminate()
    finally:
        try:
            office.wait(20)
        except subprocess.TimeoutExpired:
            office.kill()


def connect(office: subprocess.Popen) -> object:
    local = uno.getComponentContext()
    resolver = local.ServiceManager.createInstanceWithContext("com.sun.star.bridge.UnoUrlResolver", local)
    for _ in range(240):
        try:
            context = resolver.resolve(f"uno:pipe,name={PIPE};urp;StarOffice.ComponentContext")
        except NoConnectException:
            if office.poll() not in (None, 81):  # 81: it restarts itself after making its profile
                raise
            time.sleep(0.5)
        else:
            return context.ServiceManager.createInstanceWithContext("com.sun.star.frame.Desktop", context)
    raise TimeoutError("LibreOffice did not start")


def value(name: str, what: object) -> PropertyValue:
    found = PropertyValue()
    found.Name, found.Value = name, what
    return found


if __name__ == "__main__":
    main(*sys.argv[1:])
