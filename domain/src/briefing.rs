//! What is talked through before a member leaves (行前教育).

/// The items of the default list, with their Chinese and English names.
pub const DEFAULT_ITEMS: &[(&str, &str, &str)] = &[
    ("talk", "行前谈话", "A talk before leaving"),
    (
        "duties",
        "说明义务（报告、党费、学习）",
        "Duties explained: report, dues, learning",
    ),
    (
        "host_contact",
        "告知流入地党组织及电话",
        "The host organisation and its phone given",
    ),
    ("certificate", "发放流动党员活动证", "Certificate issued"),
    ("contact_details", "核对联系方式", "Contact details confirmed"),
    ("family_contact", "登记家属联系方式", "Family contact noted"),
];
