"""Settings and the account."""

import m8tes
from cases import defect, error, good
from m8tes import AuthenticationError, ConflictError, ValidationError
from m8tes_expect import equal, raises, refused


@good("settings.get", only="4.49.0")
def an_account_has_settings(world):
    equal(world.client.settings.get().retention_mode, "standard")


@error("settings.get")
def settings_are_of_an_account(world):
    with refused(AuthenticationError, 401):
        world.stranger().settings.get()


@good("settings.update", only="4.49.0")
def settings_are_changed_one_by_one(world):
    updated = world.client.settings.update(per_end_user_run_limit=25)
    equal((updated.per_end_user_run_limit, updated.retention_mode), (25, "standard"))
    equal(world.client.settings.update(per_end_user_run_limit=None).per_end_user_run_limit, None)


@error("settings.update", only="4.49.0")
def there_is_no_such_retention(world):
    with refused(ValidationError, 422):
        world.client.settings.update(retention_mode="none")


@defect("settings.get", only="1.1.0")
def the_only_setting_is_not_found(world):
    with raises(KeyError):
        world.client.settings.get()


@defect("settings.update", only="1.1.0")
def the_only_setting_is_no_more(world):
    with refused(ValidationError, 422):
        world.client.settings.update(company_research=True)


@good("auth.get_usage")
def an_account_has_used_something(world):
    usage = world.client.auth.get_usage()
    equal((isinstance(usage.plan, str), isinstance(usage.runs_used, int)), (True, True))


@error("auth.get_usage")
def usage_is_of_an_account(world):
    with refused(AuthenticationError, 401):
        world.stranger().auth.get_usage()


@good("auth.resend_verify")
def a_mail_is_sent_again(world):
    equal(isinstance(world.client.auth.resend_verify(), str), True)


@error("auth.resend_verify")
def mails_are_sent_to_an_account(world):
    with refused(AuthenticationError, 401):
        world.stranger().auth.resend_verify()


@good("auth.is_verified", only="4.49.0")
def an_account_is_verified_or_not(world):
    equal(isinstance(world.client.auth.is_verified(), bool), True)


@error("auth.is_verified", only="4.49.0")
def nobody_is_verified_without_a_key(world):
    with refused(AuthenticationError, 401):
        world.stranger().auth.is_verified()


def signed_up(world):
    """An account of its own, and the password of it."""
    return m8tes.signup(f"{world.user()}@example.com", "pw-12345678", "Ada", base_url=world.base_url), "pw-12345678"


def is_taken(world, key):
    try:
        world.with_key(key).teammates.list(user_id="cust_123")
    except AuthenticationError:
        return False
    return True


@good("signup")
def who_signs_up_has_a_key(world):
    told, _ = signed_up(world)
    equal((is_taken(world, told.api_key), told.email.endswith("@example.com")), (True, True))


@error("signup")
def nobody_signs_up_twice(world):
    told, password = signed_up(world)
    with refused(ConflictError, 409):
        m8tes.signup(told.email, password, "Ada", base_url=world.base_url)


@good("get_token")
def a_new_key_ends_the_one_before(world):
    told, password = signed_up(world)
    new = m8tes.get_token(told.email, password, base_url=world.base_url)
    equal((is_taken(world, new.api_key), is_taken(world, told.api_key)), (True, False))


@error("get_token")
def a_key_is_for_who_knows_the_password(world):
    told, _ = signed_up(world)
    with refused(AuthenticationError, 401):
        m8tes.get_token(told.email, "another", base_url=world.base_url)
