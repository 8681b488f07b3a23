drop table campaign_reports;
drop table campaigns;
