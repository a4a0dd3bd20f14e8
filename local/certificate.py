"""A certificate for servers on loopback."""

import subprocess
from pathlib import Path


def make_certificate(folder: Path, name: str = "IP:127.0.0.1") -> Path:
    """Make a certificate for a name that signs itself; returns the file that holds it and its key."""
    file = folder / "certificate.pem"
    certificate = folder / "certificate.crt"
    options = ["-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=loopback"]
    names = ["-addext", f"subjectAltName={name}", "-keyout", str(file), "-out", str(certificate)]
    subprocess.run(["openssl", "req", *options, *names], check=True, capture_output=True)
    file.write_text(file.read_text() + certificate.read_text())
    return file
