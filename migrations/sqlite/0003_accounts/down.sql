drop table login_failures;
drop table refresh_tokens;
drop table sessions;
drop table activations;
drop table grants;
drop table accounts;
