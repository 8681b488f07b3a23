drop table gifts;
drop table service_messages;
drop table service_requests;
drop table wishes;
