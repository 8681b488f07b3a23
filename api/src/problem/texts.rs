//! The sentences of problems and faults, Chinese and English, by their stable words.
use crate::extract::Language;

/// What a problem is called and what to do about it.
pub(crate) struct ProblemText {
    /// The stable word.
    pub(crate) code: &'static str,
    /// The status.
    pub(crate) status: u16,
    /// Title, Chinese.
    pub(crate) zh: &'static str,
    /// Title, English.
    pub(crate) en: &'static str,
    /// What to do, Chinese.
    pub(crate) advice_zh: &'static str,
    /// What to do, English.
    pub(crate) advice_en: &'static str,
}

macro_rules! problems {
    ($($code:literal $status:literal $zh:literal $en:literal $advice_zh:literal $advice_en:literal;)+) => {
        /// Every problem that the API can answer with.
        pub(crate) const PROBLEMS: &[ProblemText] = &[$(ProblemText {
            code: $code, status: $status, zh: $zh, en: $en, advice_zh: $advice_zh, advice_en: $advice_en,
        }),+];
    };
}

problems! {
    "unreadable" 400 "请求内容无法读取" "The body cannot be read" "请求内容应为 UTF-8 编码的 JSON。" "Send JSON in UTF-8.";
    "unauthenticated" 401 "请先登录" "A valid token is required"
        "请在 Authorization 头中带上有效的访问令牌；令牌十五分钟有效，可用刷新令牌换新。" "Send `Authorization: Bearer …`; a token lives 15 minutes and is renewed with the refresh token.";
    "wrong_password" 401 "登录名或密码不正确" "Wrong login or password" "请核对后再试；忘记密码请联系支部书记或管理员。" "Check both; your secretary or administrator can help.";
    "forbidden" 403 "您的角色不能进行此操作" "Your role does not permit this" "请联系管理员授予相应角色。" "Ask your administrator for the role.";
    "not_found" 404 "没有这条记录，或者不在您的范围内" "There is no such thing in your scope" "请核对编号。" "Check the id.";
    "method_not_allowed" 405 "此地址不支持该方法" "The address does not take this method" "请查看接口文档 /docs。" "See /docs.";
    "transition_refused" 409 "目前的状态不能进行此操作" "This is not possible now" "allowed 列出了现在可以进行的操作。" "`allowed` lists what is possible now.";
    "request_under_way" 409 "同样的请求正在处理" "The same request is under way" "请在 Retry-After 所示秒数之后原样重发，将得到同一答复。" "Send the same again after the seconds in `Retry-After`, and get its answer.";
    "not_yet" 409 "条件还不具备" "Something is missing for this" "errors 逐项列出了还缺什么。" "`errors` lists what is missing.";
    "stale" 412 "您读取之后，别人已经修改过" "Somebody changed it since you read it" "请重新读取后再修改。" "Read it again, then change it.";
    "too_large" 413 "请求内容过大" "The body is too large" "请减小内容后再试。" "Send less.";
    "unsupported_media_type" 415 "不支持的内容类型" "The media type is not supported" "请使用文档中写明的 Content-Type。" "Send the Content-Type that the contract names.";
    "invalid" 422 "有内容需要更正" "Some of the input can't be taken" "errors 逐项列出了位置、原因和正确写法。" "`errors` lists each fault, where it is and what would be right.";
    "idempotency_key_reused" 422 "Idempotency-Key 已用于另一请求" "The idempotency key belongs to another request" "每个新请求请用新的键，重发时原样重发。" "Take a new key for each request, and send a repeated one unchanged.";
    "if_match_required" 428 "请说明您读取的是哪个版本" "Say which version you saw" "请在 If-Match 头中带上读取时的 ETag。" "Send the ETag that you read in `If-Match`.";
    "too_many_attempts" 429 "尝试过于频繁" "Too many attempts" "请在 Retry-After 所示秒数之后再试。" "Try again after the seconds in `Retry-After`.";
    "internal" 500 "服务器内部出错" "Something went wrong here" "请把 trace_id 告诉管理员。" "Tell your administrator the `trace_id`.";
    "unavailable" 503 "服务暂时不可用" "Try again soon" "请在 Retry-After 所示秒数之后再试，您的内容可以原样重发。" "Send the same again after the seconds in `Retry-After`.";
}

/// Sentences of faults; `{}` stands for what would be right.
const FAULTS: &[(&str, &str, &str)] = &[
    ("required", "缺少此项", "is missing"),
    ("unknown_field", "没有名为 {} 的字段", "there is no field {}"),
    ("unknown_parameter", "查询参数不正确：{}", "the query can't be read: {}"),
    ("wrong_type", "类型不对，应为 {}", "has the wrong type; expected {}"),
    (
        "not_in_list",
        "不在可选范围内，应为其中之一：{}",
        "is not on the list; expected one of {}",
    ),
    ("malformed", "格式不正确，应为 {}", "is malformed; expected {}"),
    (
        "too_short",
        "太短，至少 {} 个字符",
        "is too short; at least {} characters",
    ),
    ("too_long", "太长，至多 {} 个字符", "is too long; at most {} characters"),
    ("too_small", "太小，至少为 {}", "is too small; at least {}"),
    ("too_big", "太大，至多为 {}", "is too big; at most {}"),
    (
        "period_backwards",
        "不能早于期间的第一天 {}",
        "is before the period's first day, {}",
    ),
    (
        "period_future",
        "还没有到，最晚为 {}",
        "is still to come; at the latest {}",
    ),
    (
        "not_whole_months",
        "须为整月；应为 {}",
        "is not where a month begins or ends, as it must be for who may not read members' records; expected {}",
    ),
    (
        "too_many_lines",
        "名单超过一张工作表的行数；请按下级组织分别导出，每次至多 {} 人",
        "would list more people than a worksheet has lines; pull it by the organisations below, at most {} people each",
    ),
    (
        "span_too_long",
        "期间太长，至多 {} 天",
        "the period is too long; at most {} days",
    ),
    ("taken", "已被使用", "is taken already"),
    (
        "not_serving",
        "您的正式组织关系或编入的单位不在该组织",
        "is neither the home branch nor where the person is admitted",
    ),
    (
        "unknown_person",
        "没有此人，或不在您的范围内",
        "is unknown, or outside of what you may see",
    ),
    (
        "was_named",
        "署名写下的心愿不能再改为匿名",
        "was named; who was named can't become unnamed",
    ),
    (
        "name_of_known_item",
        "贺卡和红色书包不另取名称",
        "is only for something that is neither a card nor a red satchel",
    ),
    (
        "years_of_another_occasion",
        "只有政治生日可以写明在入党多少周年时送",
        "is only for political birthdays, which are counted by years",
    ),
    (
        "too_many_files",
        "附件太多了，至多 6 个",
        "has as many files as it may: six",
    ),
    (
        "too_many_messages",
        "留言太多了，至多 100 条",
        "has as many messages as it may: a hundred",
    ),
    (
        "login_malformed",
        "登录名应为 3 至 64 个字母、数字或 . _ - @",
        "a login has 3 to 64 letters, digits, dots, dashes, underscores or @",
    ),
    (
        "login_sensitive",
        "不能用电话号码或公民身份号码",
        "can't be a phone or identity number",
    ),
    (
        "needs_member",
        "该账号没有对应的党员",
        "needs an account with a member behind it",
    ),
    (
        "not_good",
        "激活码不正确、已使用或已过期",
        "is unknown, used or expired",
    ),
    (
        "password_too_short",
        "太短，密码至少 12 个字符",
        "is too short; a password has at least 12 characters",
    ),
    (
        "password_too_long",
        "太长，密码至多 128 个字符",
        "is too long; a password has at most 128 characters",
    ),
    ("password_equals_login", "密码不能与登录名相同", "can't be the login"),
    (
        "password_too_common",
        "密码太常见，容易被猜到",
        "is one that many people use and that is guessed first",
    ),
    ("file_empty", "文件是空的，请重新选择表格文件", "the file is empty"),
    (
        "file_too_large",
        "文件超过 50 MiB，请拆分后再导入",
        "is larger than 50 MiB; split it",
    ),
    (
        "file_old_or_locked",
        "这是旧版 .xls 文件或加了密码的文件，请另存为不加密码的 .xlsx",
        "is an old .xls file or has a password; save it as .xlsx without one",
    ),
    (
        "file_not_a_spreadsheet",
        "这不是表格文件，请选择 .xlsx，或 UTF-8、GB18030 编码的 .csv",
        "is no spreadsheet; choose .xlsx, or .csv in UTF-8 or GB18030",
    ),
    (
        "file_too_much_inside",
        "工作簿解压后超出限度（20 万行、384 MiB），请拆分后再导入",
        "unpacks to more than 200,000 rows or 384 MiB; split it",
    ),
    (
        "file_damaged",
        "工作簿已损坏，请用 Excel 或 WPS 打开后重新另存为 .xlsx",
        "is damaged; open it in Excel or WPS and save it again as .xlsx",
    ),
    (
        "file_no_header",
        "没有找到表头（{}），请核对所选的导入种类",
        "has no row with the expected headers ({}); check the kind",
    ),
    ("file_too_big", "文件太大，至多 {}", "is too large; at most {}"),
    (
        "not_a_picture",
        "不是可以接收的图片或文档，应为 {}",
        "is no picture or document that is taken; expected {}",
    ),
    ("has_account", "这名党员已有账号", "the member has an account already"),
    (
        "has_open_journey",
        "这名党员已有进行中的流出登记",
        "the member has an open journey already",
    ),
    (
        "has_open_stay",
        "此人在本组织已有进行中的流入登记",
        "the person has an open stay with this host already",
    ),
    (
        "is_admitted_elsewhere",
        "此人已编入另一组织，须先办理离开",
        "the person is admitted elsewhere; that stay has to end first",
    ),
    (
        "too_deep",
        "组织层级过深，至多十级",
        "the tree would grow too deep; at most ten levels",
    ),
    ("below_itself", "不能移到自己的下级", "can't be moved below itself"),
    (
        "unknown_division",
        "没有这个行政区划代码",
        "there is no such division code",
    ),
    (
        "unknown_organisation",
        "没有这个组织，或者不在您的范围内",
        "there is no such organisation in your scope",
    ),
    (
        "unknown_member",
        "没有这名党员，或者不在您的范围内",
        "there is no such member in your scope",
    ),
    (
        "unknown_officer",
        "没有这位联系干部，或者不在本组织",
        "there is no such contact officer here",
    ),
    (
        "not_a_branch",
        "正式组织关系只能在党支部",
        "a formal relation can only be with a branch",
    ),
    (
        "no_cluster",
        "这个支部在该地的正式党员不足三名",
        "fewer than three full members of the branch have open journeys there",
    ),
    (
        "others_list",
        "联系干部只能移交自己的名单；他人的名单由支部书记或上级移交",
        "a contact officer hands over the own list; another's is handed over by a secretary or an office",
    ),
    (
        "same_officer",
        "接手的人不能是原来的联系干部",
        "is the officer who hands over",
    ),
    ("not_a_name", "姓名应为 1 至 64 个字符", "a name has 1 to 64 characters"),
    (
        "identity_checksum",
        "公民身份号码校验码不对",
        "the identity number's checksum is wrong",
    ),
    (
        "identity_length",
        "公民身份号码应为 18 位",
        "an identity number has 18 characters",
    ),
    ("identity_missing", "缺少公民身份号码", "the identity number is missing"),
    (
        "identity_old_number",
        "这是 15 位旧号码，请填写 18 位公民身份号码",
        "this is an old number of 15 digits; give the one of 18",
    ),
    (
        "identity_character",
        "公民身份号码应为 17 位数字加 1 位数字或 X",
        "an identity number is 17 digits and a digit or X",
    ),
    (
        "identity_birth_date",
        "公民身份号码中的出生日期不存在",
        "the birth date in the identity number does not exist",
    ),
    (
        "phone_malformed",
        "电话号码不正确，应为 11 位手机号或带区号的固定电话",
        "is no telephone number; a mobile number has 11 digits, a landline an area code",
    ),
    ("email_malformed", "电子邮箱格式不正确", "is no e-mail address"),
    ("before_birth", "早于出生日期", "is before the birth date"),
    ("before_joining", "转正日期早于入党日期", "is before the day of joining"),
    ("before_departure", "早于外出日期", "is before the departure"),
    (
        "one_of",
        "请在几种写法中填一种，不要都填，也不要都不填",
        "give exactly one of the alternatives",
    ),
    (
        "origin_asked",
        "已向流出地党组织核实，不能再改",
        "the origin was asked already and can't be changed",
    ),
    (
        "unknown_journey",
        "没有这次流出登记，或者不在您的范围内",
        "there is no such journey in your scope",
    ),
    ("before_arrival", "早于流入日期", "is before the arrival"),
    ("in_the_future", "不能晚于今天", "can't be later than today"),
    (
        "destination_required",
        "请填写外出地点：行政区划代码、国家（地区）或文字说明，至少一项",
        "say where: a division code, a country or a free text",
    ),
    (
        "password_short",
        "密码至少 12 个字符",
        "a password has at least 12 characters",
    ),
    ("password_common", "密码太常见，请换一个", "the password is too common"),
    (
        "password_is_login",
        "密码不能与登录名相同",
        "the password can't be the login",
    ),
    ("wrong_password", "原密码不正确", "the present password is wrong"),
    (
        "code_unknown",
        "激活码不正确、已用过或已过期，请向支部书记索取新码",
        "the code is wrong, used or expired; ask your secretary for a new one",
    ),
    (
        "cursor_foreign",
        "分页游标不正确，请从第一页开始",
        "the cursor is not one of ours; start at the first page",
    ),
    (
        "unreadable_file",
        "文件无法读取，应为 .xlsx 或 .csv",
        "the file can't be read; expected .xlsx or .csv",
    ),
    (
        "not_as_in_identity",
        "与公民身份号码中的不一致",
        "differs from what the identity number says",
    ),
    (
        "no_such_state",
        "此花名册没有这种状态，可选：{}",
        "this roster has no such state; it has {}",
    ),
    (
        "not_a_filter",
        "此花名册不支持该筛选条件",
        "this roster has no such filter",
    ),
    (
        "too_many_codes",
        "今天发送的验证码太多，请明天再试",
        "too many codes were sent today; try again tomorrow",
    ),
    (
        "code_wrong",
        "验证码不正确、已过期或已失效，请重新发送",
        "the code is wrong, too old or void; have another one sent",
    ),
    (
        "not_for_this_kind",
        "此类申请不需要填写这一项",
        "does not belong to a request of this kind",
    ),
    (
        "silence_too_short",
        "失去联系须超过六个月，{} 起可以提出",
        "the silence has to be longer than six months; possible from {}",
    ),
    (
        "too_few_attempts",
        "联系未果的记录至少三次，还差 {} 次",
        "at least three attempts must have failed; {} missing",
    ),
    (
        "too_few_means",
        "联系未果至少用过两种方式，还差 {} 种",
        "at least two means must have been tried; {} missing",
    ),
    (
        "origin_not_asked",
        "按去向不明办理之前，须先向流出地党组织询问去向",
        "the origin has to be asked first where the person is",
    ),
    (
        "origin_has_not_answered",
        "已询问流出地党组织，答复后或自 {} 起可以按去向不明办理",
        "the origin was asked; possible once it answers, or from {}",
    ),
    (
        "search_not_told",
        "流出地党组织不在本系统，请在 reason 中写明怎样找过本人、问过谁",
        "the origin is not here to be asked: say in `reason` how the person was looked for, and who was asked",
    ),
    ("where_to_required", "请写明去了哪里", "say where the person has gone"),
    (
        "too_long_abroad",
        "出国（境）的党员至少每半年联系一次，至多 182 天",
        "a member abroad is in contact at least every half year: at most 182 days",
    ),
    ("item_twice", "清单中已有这一项", "stands on the list already"),
    (
        "reminder_not_before_due",
        "提醒应早于答复期限",
        "the reminder has to come before the answer is due",
    ),
    (
        "lapse_not_after_due",
        "失效应晚于答复期限",
        "the lapse has to come after the answer is due",
    ),
    (
        "letter_too_long",
        "介绍信有效期至多 92 天",
        "a letter of introduction is good for at most 92 days",
    ),
    (
        "same_branch",
        "组织关系已在这个党支部",
        "the formal relation is with this branch already",
    ),
    ("reason_required", "请写明理由", "a reason is required"),
    (
        "no_such_year",
        "历法中没有这一年，请填 1850 至 2200 年",
        "is outside the calendar, which knows the years 1850 to 2200",
    ),
    (
        "window_without_festival",
        "活动期间应包括节日当天 {}",
        "the days of a campaign hold the festival, {}",
    ),
    (
        "window_too_long",
        "活动期间至多 {} 天",
        "a campaign lasts {} days at most",
    ),
    (
        "window_over",
        "活动期间已于 {} 结束，请先修改起止日期",
        "the campaign's last day was {}; change its days first",
    ),
    (
        "prompts_need_away",
        "返乡提醒只发给在外的党员，请在范围中包括 away，或者不设提醒",
        "prompts reach those who are away: name `away` among the states, or no prompts",
    ),
    (
        "prompt_outside_window",
        "提醒应在活动期间之内，至多提前 {} 天",
        "a prompt falls into the campaign's days: at most {} days before",
    ),
    (
        "has_open_campaign",
        "本组织这个节日已有进行中的活动",
        "the organisation has an open campaign for this festival already",
    ),
    (
        "period_over",
        "有效期在开始之前或今天之前就已结束",
        "the period would be over already",
    ),
    ("period_too_long", "有效期至多一年", "the period is a year at most"),
    (
        "period_not_longer",
        "须晚于现在的有效期",
        "has to be later than the present last day",
    ),
    ("before_issue", "早于开具日期", "is before the day of issue"),
    (
        "no_committee",
        "该支部之上没有可以编号的党委",
        "there is no committee above the branch that could number it",
    ),
    (
        "number_issued_here",
        "活动证由本系统编号，不能改写",
        "the certificate was numbered here, and its number can't be rewritten",
    ),
    (
        "not_in_force",
        "该年度活动证尚未生效",
        "the certificate was not in force in that year",
    ),
    (
        "has_certificate",
        "这次流出已有活动证",
        "the journey has a certificate already",
    ),
    ("entered_already", "已经填写过", "was entered already"),
    (
        "unknown_stay",
        "没有这条流入登记，或者不在您的范围内",
        "there is no such stay in your scope",
    ),
    ("same_stay", "两条登记已是同一人的", "is of the same person already"),
    (
        "two_people",
        "两条登记的身份信息不同，是两个人",
        "the two have different identities: they are two people",
    ),
    (
        "two_hosts",
        "两条登记属于不同的流入地党组织，不能合并",
        "the two are with different hosts and can't be merged",
    ),
    (
        "merge_other_way",
        "那一条登记办理得更进一步，请把这一条合并到那一条",
        "has come further: merge this one into it",
    ),
    (
        "identity_or_phone",
        "公民身份号码和手机号码至少填写一项",
        "give the identity number or the phone",
    ),
    (
        "arrival_code_malformed",
        "无法识别，这不是完整的报到码",
        "can't be read: it is no whole code of a host",
    ),
    (
        "arrival_code_other_kind",
        "这不是报到码",
        "is something else, no code of a host",
    ),
    (
        "arrival_code_unknown_key",
        "签名所用的密钥不是本系统的",
        "was signed with a key that is not known here",
    ),
    (
        "arrival_code_forged",
        "签名不符，内容可能被改动过",
        "bears a false signature: it was changed or made up",
    ),
    (
        "arrival_code_expired",
        "已于 {} 失效，请向接收组织索取新的报到码",
        "expired on {}; ask the host for a new one",
    ),
    (
        "ends_before_it_begins",
        "结束时间应晚于开始时间",
        "has to be later than the beginning",
    ),
    (
        "lasts_too_long",
        "一次活动至多 72 小时，更长的请排成系列",
        "a gathering lasts 72 hours at most; what lasts longer is a series",
    ),
    (
        "place_or_link",
        "地点和线上地址至少填写一项",
        "give a place, or an address to join from afar",
    ),
    (
        "not_a_link",
        "应为 https:// 开头的网址",
        "has to be an address that begins with https://",
    ),
    (
        "rule_malformed",
        "重复规则无法识别，应如 FREQ=MONTHLY;BYMONTHDAY=25",
        "is no rule; expected one such as FREQ=MONTHLY;BYMONTHDAY=25",
    ),
    (
        "rule_too_often",
        "重复规则至多每天一次",
        "may mean a day, not several times on it",
    ),
    (
        "rule_too_many",
        "两年内至多 120 次，请在规则中用 COUNT 或 UNTIL 限定",
        "means more than 120 within two years; bound it by COUNT or UNTIL",
    ),
    (
        "rule_over",
        "重复规则的截止日（UNTIL）早于首次活动",
        "ends (UNTIL) before the gathering that it begins with",
    ),
    (
        "rule_never",
        "按此规则，两年内一次也没有",
        "means none within two years",
    ),
    (
        "no_series",
        "这次活动不属于系列",
        "the gathering is not one of a series",
    ),
    (
        "unknown_lecturer",
        "没有这位主讲人，或者不再授课",
        "there is no such lecturer in your reach, or not any more",
    ),
    (
        "unknown_gathering",
        "没有这次已举行的活动，或者不在您的范围内",
        "there is no such gathering that was held in your scope",
    ),
    ("made_up_already", "已经补过课", "was made up already"),
    (
        "gathering_not_begun",
        "活动于 {} 开始，之后才能办理",
        "possible once it has begun, at {}",
    ),
    (
        "gathering_attended",
        "已有 {} 人参加，计入学时；如属误记请先更正名单，确已举行请登记举行",
        "{} were there, and their hours count; correct the list if that is wrong, or say that it was held",
    ),
    (
        "attended_already",
        "已有人参加，不能改到另一天",
        "can't be on another day: somebody was there already",
    ),
    ("code_not_shown_yet", "签到码自 {} 起显示", "the code is shown from {}"),
    (
        "code_not_shown_any_more",
        "签到码只显示到 {}，之后请由工作人员登记",
        "the code was shown until {}; whoever keeps the list records it now",
    ),
    (
        "attendance_code_malformed",
        "无法识别，这不是完整的签到码",
        "can't be read: it is no whole code of a gathering",
    ),
    (
        "attendance_code_other_kind",
        "这不是签到码",
        "is something else, no code of a gathering",
    ),
    (
        "attendance_code_unknown_key",
        "签名所用的密钥不是本系统的",
        "was signed with a key that is not known here",
    ),
    (
        "attendance_code_forged",
        "签名不符，内容可能被改动过",
        "bears a false signature: it was changed or made up",
    ),
    (
        "attendance_code_other_gathering",
        "这是另一次活动的签到码",
        "is the code of another gathering",
    ),
    (
        "attendance_code_expired",
        "已于 {} 失效，请扫现场新的签到码，或由工作人员登记",
        "expired at {}; scan the new one at the place, or have it recorded by whoever keeps the list",
    ),
    (
        "certificate_malformed",
        "无法识别，这不是完整的电子活动证",
        "can't be read: it is no whole certificate",
    ),
    (
        "certificate_other_kind",
        "这不是电子活动证",
        "is something else, no certificate",
    ),
    (
        "certificate_unknown_key",
        "签名所用的密钥不是本系统的",
        "was signed with a key that is not known here",
    ),
    (
        "certificate_forged",
        "签名不符，内容可能被改动过",
        "bears a false signature: it was changed or made up",
    ),
    (
        "certificate_unknown",
        "本系统没有发过这个编号",
        "has a number that was never issued here",
    ),
    (
        "url_malformed",
        "不是可用的网址（不能含用户名、密码或 #）",
        "is no usable address of the web (no password, no fragment)",
    ),
    ("url_unprotected", "须以 https:// 开头", "must begin with https://"),
    (
        "url_private",
        "是内网或本机地址，本系统不允许推送到这里",
        "lies in a private network, and this deployment sends nothing there",
    ),
    (
        "event_not_chosen",
        "测试事件不必选择，需要时可随时发送",
        "is not chosen: it is sent to whoever asks for it",
    ),
    ("certificate_not_yet", "自 {} 起才有效", "is good from {} on"),
    ("certificate_expired", "有效期已于 {} 届满", "expired on {}"),
    ("certificate_lost", "已于 {} 挂失", "was reported lost on {}"),
    (
        "certificate_replaced",
        "已于 {} 补发新证，原编号作废",
        "was replaced on {}; the number is void",
    ),
    ("certificate_revoked", "已于 {} 撤销", "was revoked on {}"),
    ("certificate_ended", "流动已于 {} 结束", "ended with the journey on {}"),
    ("certificate_handed_back", "已于 {} 交回", "was handed back on {}"),
    (
        "certificate_other_person",
        "这是另一个人的活动证；如登记有误，请撤回后凭证重新登记",
        "is another person's; withdraw a mistaken stay and report it anew by the certificate",
    ),
];

/// A problem's title.
pub(crate) fn title(code: &str, language: Language) -> &'static str {
    PROBLEMS
        .iter()
        .find(|text| text.code == code)
        .map_or("", |text| match language {
            Language::Chinese => text.zh,
            Language::English => text.en,
        })
}

/// A fault's sentence.
pub(crate) fn fault(code: &str, expected: &str, language: Language) -> String {
    let sentence = FAULTS
        .iter()
        .find(|(word, ..)| *word == code)
        .map_or(code, |(_, zh, en)| match language {
            Language::Chinese => zh,
            Language::English => en,
        });
    sentence.replace("{}", expected)
}

/// Which permission is missing.
pub(crate) fn needs(permission: &str, language: Language) -> String {
    match language {
        Language::Chinese => format!("需要权限 {permission}"),
        Language::English => format!("needs the permission {permission}"),
    }
}

/// Why a transition was refused, and what is possible.
pub(crate) fn refused(state: &str, verb: &str, allowed: &[&str], by: Option<&str>, language: Language) -> String {
    let list = allowed.join(", ");
    let list = if list.is_empty() { "–" } else { &list };
    match (language, by) {
        (Language::Chinese, None) => format!("当前状态 {state}，不能 {verb}；可以：{list}"),
        (Language::Chinese, Some(by)) => format!("{by} 已先处理，当前状态 {state}；可以：{list}"),
        (Language::English, None) => format!("{verb} is not possible from {state}; possible: {list}"),
        (Language::English, Some(by)) => format!("{by} was faster: it is {state} now; possible: {list}"),
    }
}

/// The limit of a body.
pub(crate) fn limit(bytes: usize, language: Language) -> String {
    match language {
        Language::Chinese => format!("至多 {bytes} 字节"),
        Language::English => format!("at most {bytes} bytes"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_word_has_a_sentence_of_its_own() {
        for (at, (word, zh, en)) in FAULTS.iter().enumerate() {
            assert!(
                FAULTS.iter().skip(at + 1).all(|(other, ..)| other != word),
                "{word} twice"
            );
            assert!(!zh.is_empty() && !en.is_empty(), "{word}");
        }
    }
}
