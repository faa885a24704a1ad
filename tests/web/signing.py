"""Sign calls as the providers do, well or badly."""

import base64
import hashlib
import hmac
import json
from datetime import UTC, datetime, timedelta

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from cryptography.x509.oid import NameOID

SECRET = "a signing secret"
_CURVE = ec.generate_private_key(ec.SECP256R1())
_OTHER_CURVE = ec.generate_private_key(ec.SECP256R1())
_RSA = rsa.generate_private_key(public_exponent=65537, key_size=2048)
_OTHER_RSA = rsa.generate_private_key(public_exponent=65537, key_size=2048)


def _certificate():
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "sns.example.org")])
    begin = datetime(2026, 1, 1, tzinfo=UTC)
    builder = x509.CertificateBuilder(name, name, _RSA.public_key(), 1, begin, begin + timedelta(days=900))
    return builder.sign(_RSA, SHA256()).public_bytes(Encoding.PEM).decode()


def key_of(provider):
    """What the owner gives us to check with."""
    if provider == "sendgrid":
        der = _CURVE.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
        return base64.b64encode(der).decode()
    if provider == "ses":
        return _certificate()
    return f"whsec_{base64.b64encode(SECRET.encode()).decode()}" if provider == "generic" else SECRET


def signed(provider, body, how, moment):
    """The body and the headers of a call signed at ``moment``: good, forged, other key or missing."""
    if how == "missing":
        return body, {}
    wrong = how == "other key"
    body, headers = _SIGNERS[provider](body, "another" if wrong else SECRET, str(int(moment.timestamp())), wrong)
    if how == "forged":
        # What was signed is not what is sent.
        body = body.replace(b"example", b"evilone").replace(b'"timestamp": "', b'"timestamp": "1')
    return body, headers


def _mac(key, message):
    return hmac.digest(key.encode(), message, hashlib.sha256)


def _mailchimp(body, key, stamp, wrong):
    return body, {"X-Mailchimp-Signature": f"t={stamp},v1={_mac(key, stamp.encode() + b'.' + body).hex()}"}


def _sendgrid(body, key, stamp, wrong):
    signature = (_OTHER_CURVE if wrong else _CURVE).sign(stamp.encode() + body, ec.ECDSA(SHA256()))
    return body, {
        "X-Twilio-Email-Event-Webhook-Signature": base64.b64encode(signature).decode(),
        "X-Twilio-Email-Event-Webhook-Timestamp": stamp,
    }


def _mailgun(body, key, stamp, wrong):
    token = "7c7a9ec9b1"
    signature = {"timestamp": stamp, "token": token, "signature": _mac(key, f"{stamp}{token}".encode()).hex()}
    return json.dumps({"signature": signature, **json.loads(body)}).encode(), {}


def _ses(body, key, stamp, wrong):
    envelope = json.loads(body)
    names = ("Message", "MessageId", "Subject", "Timestamp", "TopicArn", "Type")
    message = "".join(f"{name}\n{envelope[name]}\n" for name in names)
    signature = (_OTHER_RSA if wrong else _RSA).sign(message.encode(), padding.PKCS1v15(), SHA256())
    return json.dumps({**envelope, "Signature": base64.b64encode(signature).decode()}).encode(), {}


def _mautic(body, key, stamp, wrong):
    return body, {"Webhook-Signature": base64.b64encode(_mac(key, body)).decode()}


def _klaviyo(body, key, stamp, wrong):
    return body, {"Klaviyo-Signature": _mac(key, body + stamp.encode()).hex(), "Klaviyo-Timestamp": stamp}


def _generic(body, key, stamp, wrong):
    signature = base64.b64encode(_mac(key, f"msg_1.{stamp}.".encode() + body)).decode()
    return body, {"webhook-id": "msg_1", "webhook-timestamp": stamp, "webhook-signature": f"v1,AAAA v1,{signature}"}


_SIGNERS = {
    "mailchimp": _mailchimp,
    "sendgrid": _sendgrid,
    "mailgun": _mailgun,
    "ses": _ses,
    "mautic": _mautic,
    "klaviyo": _klaviyo,
    "generic": _generic,
}
