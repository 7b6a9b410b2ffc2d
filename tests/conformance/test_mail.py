"""`ports.Mail`: in memory, over SMTP into the sink, and into servers that want TLS, a user and a password."""

import json
import threading
from contextlib import ExitStack
from dataclasses import dataclass
from urllib.request import urlopen

import pytest

from backend.adapters.mail.sink import PostOffice, Sink, run_sink
from backend.adapters.mail.smtp import MailServer, SmtpMail
from backend.adapters.memory import MemoryMail
from backend.config import Settings
from backend.errors import EcoError, Invalid, Recoverable
from backend.ports import Letter, Mail
from tests.support.mail_server import PASSWORD, GuardedMailServer, scripted
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


@pytest.fixture(params=["memory", "smtp", "smtps", "smtp+starttls"])
def post(request):
    if request.param == "memory":
        mail = MemoryMail()
        return Post(mail, lambda: [(m.to, m.subject, m.text) for m in reversed(mail.letters)])
    if request.param == "smtp":
        sink = request.getfixturevalue("sink")
        office, url = sink.office, sink.smtp_url
    else:
        server = request.getfixturevalue("guarded")(request.param)
        office, url = server.office, server.url()
    return Post(SmtpMail(url, SENDER), lambda: [(m.to, m.subject, m.text) for m in office.mails()])


@pytest.fixture
def guarded(authority, tmp_path, monkeypatch):
    """Starts a server that wants TLS and a password, whose root certificate is trusted."""
    monkeypatch.setenv("SSL_CERT_FILE", str(authority.ca_file))
    with ExitStack() as servers:
        yield lambda scheme, **issued: servers.enter_context(
            GuardedMailServer(tmp_path / "guarded", authority.issue(**issued), scheme == "smtps")
        )


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


@pytest.mark.parametrize("address", ["smtp+starttls://", "smtp+starttls://u:secret@", "smtp://u:secret@"])
def test_send__starttls_where_there_is_none__neither_letter_nor_password_is_sent(address):
    with scripted([("STARTTLS", "502 no")]) as (url, heard):
        secure = SmtpMail(url.replace("smtp://", address), SENDER)
        with pytest.raises(Recoverable) as refusal:
            secure.send(LETTER)
    assert refusal.value.code == "mail.no_tls"
    assert set(heard) <= {"EHLO", "STARTTLS", "QUIT"}


@pytest.mark.parametrize("scheme", ["smtps", "smtp+starttls"])
def test_send__wrong_password__waits_and_is_not_named(guarded, scheme):
    server = guarded(scheme)
    with pytest.raises(Recoverable) as refusal:
        SmtpMail(server.url("wrong-secret"), SENDER).send(LETTER)
    assert refusal.value.code == "mail.credentials"
    assert "wrong-secret" not in f"{refusal.value}{refusal.value.__cause__}"
    assert (server.logins != [], server.office.mails()) == (True, [])
    with pytest.raises(Recoverable, match=r"mail\.credentials"):
        SmtpMail(server.url("wrong-secret"), SENDER).probe()


def test_send__password_in_a_file__counts(guarded):
    server = guarded("smtps")
    mail = SmtpMail(server.url(password=None), SENDER, PASSWORD)
    mail.send(LETTER)
    assert mail.probe() == f"127.0.0.1:{server.port}"
    assert len(server.office.mails()) == 1


@pytest.mark.parametrize("scheme", ["smtps", "smtp+starttls"])
@pytest.mark.parametrize("issued", [{"expired": True}, {"host": "mail.example"}, None])
def test_send__certificate_that_does_not_verify__gets_no_password(guarded, scheme, issued, monkeypatch):
    server = guarded(scheme, **(issued or {}))
    if issued is None:
        monkeypatch.delenv("SSL_CERT_FILE")
    with pytest.raises(Recoverable) as refusal:
        SmtpMail(server.url(), SENDER).send(LETTER)
    assert refusal.value.code == "mail.certificate"
    assert server.logins == []


@pytest.mark.parametrize(
    ("verb", "answer", "kind", "code"),
    [
        ("RCPT", "450 4.2.0 greylisted, come back later", Recoverable, "mail.deferred"),
        ("RCPT", "550 5.1.1 no such user", Invalid, "mail.refused"),
        (".", "451 4.3.0 disk full", Recoverable, "mail.deferred"),
        (".", "554 5.6.0 not wanted", Invalid, "mail.refused"),
        ("MAIL", "421 4.3.2 going down", Recoverable, "mail.deferred"),
        ("MAIL", "550 5.7.1 not your domain", Recoverable, "mail.sender"),
        ("MAIL", "530 5.7.0 authentication required", Recoverable, "mail.credentials"),
        ("RCPT", "530 5.7.0 authentication required", Recoverable, "mail.credentials"),
        ("RCPT", "hang up", Recoverable, "mail.cut"),
        (".", "hang up", Recoverable, "mail.cut"),
    ],
)
def test_send__answer_of_the_server__waits_unless_the_letter_itself_is_refused(verb, answer, kind, code):
    with scripted([(verb, answer)]) as (url, _), pytest.raises(EcoError) as refusal:
        SmtpMail(url, SENDER).send(LETTER)
    assert (type(refusal.value), refusal.value.code) == (kind, code)


@pytest.mark.parametrize("goodbye", ["hang up", "421 too late", "500 what"])
def test_send__goodbye_that_fails_after_the_letter_was_taken__is_no_failure(goodbye):
    with scripted([("QUIT", goodbye)]) as (url, heard):
        SmtpMail(url, SENDER).send(LETTER)
    assert heard[-2:] == [".", "QUIT"]


@pytest.mark.parametrize(
    "url",
    [
        *("", "http://x", "smtp://", "smtp://host:port", "smtp://host:0", "mail.example:25"),
        *("smtp://user@host", "smtps://:password@host", "smtps://user:password@host?starttls"),
        *("smtps://user:pass/word@host", "smtps://user:p%C3%A4ssword@host"),
    ],
)
def test_smtp_mail__unusable_url__refused_without_naming_secrets(url):
    with pytest.raises(Invalid) as refusal:
        SmtpMail(url, SENDER)
    assert refusal.value.code == "settings.smtp_url"
    assert "word" not in refusal.value.message.replace("password", "")
    assert "password@" not in refusal.value.message


def test_mail_server__shown__has_no_password():
    server = MailServer.read("smtps://user:hidden@host")
    assert "hidden" not in f"{server} {server!r}"
    assert (server.password, server.port) == ("hidden", 465)


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
