alter table service_requests drop column late_on;
