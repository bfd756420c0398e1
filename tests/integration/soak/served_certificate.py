"""The certificate that the server is given: one of two, which take turns."""

import subprocess

CERTIFICATES = ("one", "two")
#: The file that the server reads both the certificate and its key from.
SERVED = "served.pem"


def make_certificates(folder):
    """Two certificates for 127.0.0.1; both are in `trusted.pem`, and the first is in use."""
    for name in CERTIFICATES:
        subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt",
                        "ec_paramgen_curve:prime256v1", "-nodes", "-days", "3650", "-subj",
                        f"/CN={name}", "-addext", "subjectAltName=IP:127.0.0.1", "-keyout",
                        folder / f"{name}.key", "-out", folder / f"{name}.pem"], check=True,
                       stderr=subprocess.DEVNULL)
    (folder / "trusted.pem").write_bytes(
        b"".join((folder / f"{name}.pem").read_bytes() for name in CERTIFICATES))
    install_certificate(folder, 0)


def install_certificate(folder, number):
    """Puts a certificate and its key where the server looks for both: one file, so that it never finds a
    certificate and the key of another one."""
    name = CERTIFICATES[number]
    both = folder / "served.new"
    both.write_bytes(b"".join((folder / f"{name}.{kind}").read_bytes() for kind in ("pem", "key")))
    both.replace(folder / SERVED)
