"""What a visitor, an editor and an administrator meet in a running `bot serve`."""

import signal
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import psutil
import pytest

from tests.serving.conftest import Server, start


def test_it_is_healthy_and_shows_a_page(server: Server) -> None:
    assert server.request("/health/live")[0] == 200
    state = {"model": True, "database": True, "event_sources": {}, "telegram": "off", "publication": 1}
    assert server.request("/health/ready") == (200, state)
    assert server.request("/")[0] == 200
    status, page = server.request("/zh")
    assert status == 200
    assert "中文" in page
    assert server.request("/static/site.css")[0] == 200
    assert "bot_http_requests_total" in server.request("/metrics")[1]


def test_calendar_files_of_the_events_are_served(server: Server) -> None:
    status, feed = server.request("/events.ics?city=berlin&lang=en")
    assert status == 200
    assert feed.startswith("BEGIN:VCALENDAR")
    uid = feed.partition("\r\nUID:")[2].partition("\r\n")[0]
    assert uid
    assert f"UID:{uid}" in server.request(f"/events/{uid}.ics?lang=en")[1]
    assert server.request("/events/nobody.ics")[0] == 404


def test_nothing_but_its_own_routes_is_open(server: Server) -> None:
    for path in ("/model/parse", "/conversations/visitor/tracker", "/domain", "/webhooks/socketio", "/status"):
        assert server.request(path)[0] == 404, path
        assert server.request(path, b"{}")[0] in (404, 405), path
    for process in (server.child("rasa"), server.child("rasa_sdk")):
        addresses = {link.laddr.ip for link in process.net_connections() if link.status == psutil.CONN_LISTEN}
        assert addresses == {"127.0.0.1"}


@pytest.mark.parametrize(
    ("question", "word"),
    [
        ("Seit wann gibt es das Business Desk?", "April 2018"),
        ("When did the business desk open?", "April 2018"),
        ("商务联络处是什么时候设立的？", "2018 年 4 月"),
    ],
)
def test_a_question_is_answered_in_its_language(server: Server, question: str, word: str) -> None:
    (answer,) = server.say(question, sender=question)
    assert word in answer["text"]
    assert answer["buttons"]
    assert answer["custom"]["sources"]


@pytest.mark.parametrize(
    ("text", "word"),
    [
        ("", "ein paar Worten"),
        ("👍🎉", "ein paar Worten"),
        ("\u0000\u0007\u202e", "ein paar Worten"),
        ("Bitte! " * 15_000, "1.000 Zeichen"),
        ("Please " * 15_000, "1,000 characters"),
        ("请" * 30_000, "字符"),
        ("/restart", ""),
        ('/faq{"x":1}', ""),
        ("<script>alert(1)</script>", ""),
    ],
)
def test_bad_input_gets_a_friendly_answer_in_the_right_language(server: Server, text: str, word: str) -> None:
    answers = server.say(text, sender=f"bad-{hash(text)}")
    assert answers
    for answer in answers:
        assert word in answer["text"]
        assert "Traceback" not in answer["text"]
        assert "<script" not in answer["text"]
    assert "2017" in server.say("Pandas?", sender=f"bad-{hash(text)}")[0]["text"]


@pytest.mark.parametrize(
    ("body", "kind", "said"),
    [
        (b"{}", "application/json", "'sender'"),
        (b"not json", "application/json", "not JSON"),
        (b"[]", "application/json", "not a JSON object"),
        (b'{"sender": "a", "message": 5}', "application/json", "'message'"),
        (b'{"sender": "", "message": "x"}', "application/json", "'sender'"),
        (b'{"message": "x"}', "application/json", "'sender'"),
        (b'{"sender": "a", "message": "x"}', "text/plain", "application/json"),
        (b'{"sender": "a", "message": "' + b"x" * 1_100_000 + b'"}', "application/json", "larger"),
    ],
)
def test_a_request_that_is_no_message_is_refused_with_a_reason(
    server: Server, body: bytes, kind: str, said: str
) -> None:
    status, answer = server.request("/webhooks/rest/webhook", body, kind)
    assert status == 400
    assert said in answer["error"]


def test_the_channels_hint_counts_until_the_visitor_has_written(server: Server) -> None:
    hint = {"metadata": {"language": "zh-CN"}}
    assert "请" in server.say("👍", sender="hinted", **hint)[0]["text"]
    assert "basketball" in server.say("What does ALBA do in China?", sender="hinted", **hint)[0]["text"]
    assert "basketball" in server.say("ALBA", sender="hinted", **hint)[0]["text"]
    assert server.say("ALBA", sender="odd", metadata={"language": ["de"]})[0]["text"]
    assert server.say("ALBA", sender="odd", metadata="de")[0]["text"]


def test_quick_messages_of_one_visitor_are_answered_in_order_without_waiting(server: Server) -> None:
    questions = ["Pandas?", "und wer betreibt das Business Desk?", "Wo ist der Chinesische Garten?"] * 4
    started = time.monotonic()
    with ThreadPoolExecutor(len(questions)) as pool:
        answers = list(pool.map(lambda question: server.say(question, sender="hasty"), questions))
    assert all(answers)
    # Rasa's own lock store would make eleven of them wait a second or more each.
    assert time.monotonic() - started < 8


def test_an_edited_answer_is_live_within_seconds_and_no_conversation_is_lost(server: Server) -> None:
    server.say("Was ist mit den Pandas in Berlin?", sender="editor")
    entry = server.content / "faq" / "places" / "pandas.yml"
    text = entry.read_text(encoding="utf-8")
    entry.write_text(text.replace("**zwei Pandas aus China**", "**zwei Pandas (neu)**"), encoding="utf-8")
    deadline = time.monotonic() + 30  # on a busy machine; how fast it is, benchmarks/publish.py says
    while "(neu)" not in server.say("Bitte noch einmal", sender="editor")[0]["text"]:
        assert time.monotonic() < deadline, "not live after 30 s"
        time.sleep(0.1)


def test_a_broken_edit_is_named_and_the_old_content_stays(server: Server) -> None:
    entry = server.content / "faq" / "places" / "garden_what.yml"
    text = entry.read_text(encoding="utf-8")
    entry.write_text(text.replace("related: [", "related: [[["), encoding="utf-8")
    server.wait_for("garden_what.yml:", 10)
    server.wait_for("the edit is not live", 10)
    assert "Peking" in server.say("Was ist der Chinesische Garten?", sender="steady")[0]["text"]
    entry.write_text(text, encoding="utf-8")


def test_no_log_holds_a_visitors_words(server: Server) -> None:
    secret = "Geheimwort Xylophonkatze"
    server.say(secret, sender="private")
    server.say(f"{secret} Veranstaltungen", sender="private")
    for log in (server.home / "logs").glob("*.log"):
        assert "Xylophonkatze" not in log.read_text(encoding="utf-8", errors="replace"), log


def test_without_the_action_server_visitors_are_told_and_the_faq_goes_on(server: Server) -> None:
    actions = server.child("rasa_sdk")
    actions.suspend()
    try:
        # Its port is taken but nobody answers: worse than a refused connection.
        with ThreadPoolExecutor(2) as pool:
            waiting = pool.submit(server.say, "What events are on?", "stuck")
            assert "2017" in server.say("Pandas?", sender="other")[0]["text"]
            text = waiting.result()[0]["text"]
    finally:
        actions.resume()
    assert "event calendar cannot be reached" in text
    assert "2017" in server.say("Where are the pandas?", sender="stuck")[0]["text"]


def test_ctrl_c_stops_everything(model: Path, tmp_path: Path) -> None:
    running = start(tmp_path, model)
    running.wait_for("ready:")
    children = psutil.Process(running.process.pid).children(recursive=True)
    assert len(children) >= 2
    assert running.stop() == 0
    _, alive = psutil.wait_procs(children, timeout=5)
    assert not alive


def test_when_a_child_dies_everything_stops_and_says_why(model: Path, tmp_path: Path) -> None:
    running = start(tmp_path, model)
    running.wait_for("ready:")
    children = psutil.Process(running.process.pid).children(recursive=True)
    running.child("rasa_sdk").send_signal(signal.SIGKILL)
    assert running.process.wait(30) == 1
    assert "actions ended with code -9" in running.output.read_text(encoding="utf-8")
    assert not psutil.wait_procs(children, timeout=5)[1]


def test_a_taken_port_is_named(server: Server, model: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tests.serving.conftest.free_ports", lambda: server.port)
    running = start(tmp_path, model)
    assert running.process.wait(30) == 1
    assert f"port {server.port} is taken" in running.output.read_text(encoding="utf-8")


def test_the_first_start_with_broken_content_says_so_and_ends(tmp_path: Path) -> None:
    def break_an_entry(content: Path) -> None:
        (content / "faq" / "desk" / "desk_what.yml").write_text("id: [", encoding="utf-8")

    running = start(tmp_path, None, prepare=break_an_entry)
    assert running.process.wait(60) == 1
    printed = running.output.read_text(encoding="utf-8")
    assert "desk_what.yml:" in printed
    assert "1 errors" in printed
    assert "fix:" in printed
    assert "Traceback" not in printed


def test_a_message_before_the_model_is_ready_is_answered_politely(tmp_path: Path) -> None:
    running = start(tmp_path, None)  # no model: it must train first
    try:
        deadline = time.monotonic() + 60
        while True:
            try:
                answers = running.say("Wann wurde das Desk eröffnet?")
                break
            except OSError:
                assert time.monotonic() < deadline
                time.sleep(0.1)
        assert "Moment" in answers[0]["text"]
        assert running.request("/health/ready")[0] == 503
    finally:
        running.stop()
