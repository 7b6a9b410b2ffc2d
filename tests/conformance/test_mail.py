"""`ports.Mail`: over SMTP into the sink, and in memory."""

import json
import threading
from dataclasses import dataclass
from urllib.request import urlopen

import pytest

from backend.adapters.mail.sink import PostOffice, Sink, run_sink
from backend.adapters.mail.smtp import SmtpMail
from backend.adapters.memory import MemoryMail
from backend.config import Settings
from backend.errors import Invalid, Recoverable
from backend.ports import Letter, Mail
from tests.support.mongod import free_port

SENDER = "EcoDML <no-reply@ecodml.example>"
LONG_LINK = "https://api.example/objects/jobs/1/model.h5?" + "x" * 300
LETTER = Letter(
    "ticket-1/mail/settled", "ada@customer.example", "Ihr Modell ist fertig ✓", f"Guten Tag,\n\n{LONG_LINK}\n"
)


@dataclass
class Post:
    """A way to send, and what arrived as (to, subject, text)."""

    mail: Mail
    arrived: object


@pytest.fixture
def sink(tmp_path):
    smtp_port = free_port()
    with Sink(tmp_path / "mail", "127.0.0.1", smtp_port, 0) as running:
        running.smtp_url = f"smtp://127.0.0.1:{smtp_port}"
        yield running


@pytest.fixture(params=["memory", "smtp"])
def post(request):
    if request.param == "memory":
        mail = MemoryMail()
        return Post(mail, lambda: [(m.to, m.subject, m.text) for m in reversed(mail.letters)])
    sink = request.getfixturevalue("sink")
    arrived = sink.office.mails
    return Post(SmtpMail(sink.smtp_url, SENDER), lambda: [(m.to, m.subject, m.text) for m in arrived()])


def test_send__letter__arrives_unchanged(post):
    post.mail.send(LETTER)
    assert post.arrived() == [(LETTER.to, LETTER.subject, LETTER.text)]


def test_send__same_key_again__arrives_once(post):
    second = Letter("ticket-1/mail/funded", LETTER.to, "Paid", "Thank you.\n")
    for letter in (LETTER, second, LETTER):
        post.mail.send(letter)
    assert [subject for _, subject, _ in post.arrived()] == ["Paid", LETTER.subject]


@pytest.mark.parametrize(
    "bad",
    [
        {"to": "ada@customer.example\r\nBcc: eve@evil.example"},
        {"to": "ada@customer.example, eve@evil.example"},
        {"to": "Ada <ada@customer.example>"},
        {"to": "ada"},
        {"to": ""},
        {"subject": "Hello\r\nBcc: eve@evil.example"},
    ],
)
def test_send__forged_header__refused(post, bad):
    with pytest.raises(Invalid) as refusal:
        post.mail.send(Letter(**{"key": "k", "to": LETTER.to, "subject": "s", "text": "t"} | bad))
    assert refusal.value.code == "mail.header"
    assert post.arrived() == []


def test_send__no_server__recoverable():
    with pytest.raises(Recoverable) as refusal:
        SmtpMail(f"smtp://127.0.0.1:{free_port()}", SENDER).send(LETTER)
    assert refusal.value.code == "mail.unreachable"


def test_send__starttls_where_there_is_none__not_sent_in_the_clear(sink):
    secure = SmtpMail(sink.smtp_url.replace("smtp://", "smtp+starttls://"), SENDER)
    with pytest.raises(Invalid) as refusal:
        secure.send(LETTER)
    assert refusal.value.code == "mail.refused"
    assert sink.office.mails() == []


@pytest.mark.parametrize(
    "url", ["", "http://x", "smtp://", "smtp://host:port", "smtp://user:password@host", "mail.example:25"]
)
def test_smtp_mail__unusable_url__refused_without_naming_secrets(url):
    with pytest.raises(Invalid) as refusal:
        SmtpMail(url, SENDER)
    assert refusal.value.code == "settings.smtp_url"
    assert "password@" not in refusal.value.message


def test_sink__restarted__still_has_its_mails_and_knows_repeats(tmp_path):
    for _ in range(2):
        smtp_port = free_port()
        with Sink(tmp_path / "mail", "127.0.0.1", smtp_port, 0) as running:
            SmtpMail(f"smtp://127.0.0.1:{smtp_port}", SENDER).send(LETTER)
            (mail,) = running.office.mails()
    assert (mail.to, mail.subject, mail.text) == (LETTER.to, LETTER.subject, LETTER.text)
    assert PostOffice(tmp_path / "mail").mails() == [mail]


def test_sink_page__mails__listed_newest_first_escaped_and_linked(sink):
    mail = SmtpMail(sink.smtp_url, SENDER)
    mail.send(LETTER)
    mail.send(Letter("k2", "bob@customer.example", "<script>alert(1)</script>", "<b>x</b>\n"))
    with urlopen(f"{sink.page_url}/") as answer:
        page = answer.read().decode()
    assert page.index("&lt;script&gt;") < page.index("Ihr Modell ist fertig ✓")
    assert "<b>" not in page
    assert f'<a href="{LONG_LINK}">' in page


def test_sink_json__to_one_address__only_its_mails(sink):
    mail = SmtpMail(sink.smtp_url, SENDER)
    mail.send(LETTER)
    mail.send(Letter("k2", "bob@customer.example", "Two", "2\n"))
    with urlopen(f"{sink.page_url}/mails.json?to=Bob@customer.example") as answer:
        found = json.load(answer)
    assert [(m["to"], m["subject"], m["text"]) for m in found] == [("bob@customer.example", "Two", "2\n")]
    assert found[0]["message_id"].endswith("@ecodml.example>")
    with urlopen(f"{sink.page_url}/mails.json") as answer:
        assert [m["subject"] for m in json.load(answer)] == ["Two", LETTER.subject]


def test_run_sink__stopped__frees_its_ports(tmp_path):
    settings = Settings(
        state_dir=tmp_path, smtp_url=f"smtp://127.0.0.1:{free_port()}", mail_page_port=free_port()
    )
    for _ in range(2):
        stop = threading.Event()
        server = threading.Thread(target=run_sink, args=(settings, stop))
        server.start()
        stop.set()
        server.join(30)
        assert not server.is_alive()
