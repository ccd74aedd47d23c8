"""The options of the clients, under Cinder's names. Imports no library, for every process reads all settings."""

from dataclasses import dataclass

from lapilli.model.options import option


@dataclass(frozen=True)
class Login:
    """How this service logs in to Keystone, as keystoneauth1 names it, and how it trusts the other side."""

    auth_url: str | None = option(None, help="Where Keystone is, such as http://controller:5000.")
    auth_type: str = option("password", help="How to log in: password, v3password or v3applicationcredential.")
    username: str | None = option(None, legacy=("user_name", "user-name"), help="User of this service.")
    password: str | None = option(None, secret=True, help="Password of this service's user.")
    project_name: str | None = option(None, legacy=("tenant_name",), help="Project of this service's user.")
    user_domain_id: str | None = option(None, help="Domain of the user; `default` if no domain is named.")
    user_domain_name: str | None = option(None, help="Domain of the user, by name.")
    project_domain_id: str | None = option(None, help="Domain of the project; `default` if no domain is named.")
    project_domain_name: str | None = option(None, help="Domain of the project, by name.")
    application_credential_id: str | None = option(None, help="Application credential to log in with.")
    application_credential_secret: str | None = option(None, secret=True, help="Secret of that credential.")
    region_name: str | None = option(None, help="Region whose endpoints are used.")
    cafile: str | None = option(None, help="Authorities that sign the other side's certificate.")
    certfile: str | None = option(None, help="Certificate of this service, for those that ask for one.")
    keyfile: str | None = option(None, help="Key of that certificate.")
    insecure: bool = option(False, help="Talk to a service whose certificate cannot be checked.")


@dataclass(frozen=True)
class ServiceUserSettings(Login):
    """`[service_user]`: who this service is when it passes a caller's request on."""

    send_service_user_token: bool = option(
        False, help="Send X-Service-Token beside a caller's token, so that one which expires meanwhile still serves."
    )


@dataclass(frozen=True)
class GlanceLogin(Login):
    """`[glance]`: who reads and writes images in long operations; `[keystone_authtoken]` where this names nobody."""


@dataclass(frozen=True)
class GlanceSettings:
    """Where Glance is."""

    glance_api_servers: tuple[str, ...] = option((), help="URLs of Glance. Without them, what the catalog says.")
    glance_catalog_info: str = option(
        "image:glance:publicURL", help="Glance in the catalog: type, name and kind of URL, with colons between."
    )
    glance_num_retries: int = option(3, low=0, help="How often a request to Glance is tried again.")
    glance_request_timeout: int | None = option(
        None, low=1, help="Seconds to wait for the next bytes of Glance. Without it, 60."
    )
    glance_api_insecure: bool = option(False, help="Talk to a Glance whose certificate cannot be checked.")
    glance_ca_certificates_file: str | None = option(None, help="Authorities that sign Glance's certificate.")
    glance_certfile: str | None = option(None, help="Certificate of this service, for Glances that ask for one.")
    glance_keyfile: str | None = option(None, help="Key of that certificate.")
    allowed_direct_url_schemes: tuple[str, ...] = option(
        (), help="`file`: read images from Glance's own files, where Glance tells their paths and they are here."
    )


@dataclass(frozen=True)
class NovaSettings(Login):
    """`[nova]`: where Nova is, and who tells it of volumes; `[keystone_authtoken]` where this names nobody."""

    interface: str = option("public", choices=("public", "internal", "admin"), help="Endpoint of Nova, by its kind.")
    token_auth_url: str | None = option(None, help="Not used: no request to Nova is made with a caller's token.")
