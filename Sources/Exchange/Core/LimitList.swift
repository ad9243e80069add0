package import Wire

// The limits of what may be filed with their values, for whoever runs the server. A test holds that each one defined is here.

extension Limits {
    package static var named: [NamedLimit] {
        [
            NamedLimit(
                "fields", "search_characters", searchCharacters, "characters", "as long as a title",
                "与标题等长"),
            NamedLimit(
                "fields", "search_words", searchWords, "words", "more narrow nothing any further",
                "再多也不会使结果更精确"),
            NamedLimit(
                "fields", "title_characters", titleCharacters, "characters", "one line of a list",
                "台账中的一行"),
            NamedLimit(
                "fields", "content_characters", contentCharacters, "characters", "two printed pages",
                "打印两页"),
            NamedLimit(
                "fields", "note_characters", noteCharacters, "characters", "a remark, half a page",
                "备注，半页"),
            NamedLimit(
                "fields", "reason_characters", reasonCharacters, "characters", "the same box on the form",
                "表格中同样大小的栏"),
            NamedLimit(
                "fields", "summary_characters", summaryCharacters, "characters", "a result, one page",
                "办理结果，一页"),
            NamedLimit(
                "fields", "quality_characters", qualityCharacters, "characters",
                "the quality standard of the four clears",
                "四明确中的质量标准"),
            NamedLimit(
                "fields", "basis_characters", basisCharacters, "characters",
                "title and clause of a regulation",
                "法规名称及条款"),
            NamedLimit(
                "fields", "post_characters", postCharacters, "characters", "a post, never a name",
                "职务，不是姓名"),
            NamedLimit(
                "fields", "person_name_characters", personNameCharacters, "characters",
                "longest transliterated names are under thirty",
                "最长的音译姓名不足三十字"),
            NamedLimit(
                "fields", "phone_characters", phoneCharacters, "characters",
                "several numbers with extensions belong into the text",
                "多个带分机的号码写入正文"),
            NamedLimit(
                "fields", "place_characters", placeCharacters, "characters", "a household address",
                "户籍地址"),
            NamedLimit(
                "fields", "employer_characters", employerCharacters, "characters",
                "an organisation’s full name",
                "单位全称"),
            NamedLimit(
                "fields", "wish_characters", wishCharacters, "characters", "what the family hopes for",
                "家庭意愿"),
            NamedLimit(
                "fields", "clause_characters", clauseCharacters, "characters", "a clause as cited",
                "引用的条款"),
            NamedLimit(
                "fields", "display_name_characters", displayNameCharacters, "characters",
                "names of parties, codes, tiers",
                "单位、代码、档次的名称"),
            NamedLimit(
                "fields", "prefix_characters", prefixCharacters, "characters", "of a number’s prefix",
                "编号前缀"),
            NamedLimit(
                "fields", "token_bytes", tokenBytes, "bytes", "party codes, list names, codes",
                "单位代码、代码表名、代码"),
            NamedLimit(
                "fields", "officer_bytes", officerBytes, "bytes", "opaque ids of officers",
                "人员编号"),
            NamedLimit(
                "fields", "assisting_parties", assistingParties, "parties", "more is a campaign, not an item",
                "更多即是专项行动，不是一件事项"),
            NamedLimit(
                "fields", "materials", materials, "documents", "of one case",
                "一件安置的材料"),
            NamedLimit(
                "fields", "case_kinds", caseKinds, "rows",
                "sub-categories of the three worries; practice has some twenty", "三后各类个案约二十种"),
            NamedLimit(
                "fields", "chain_parties", chainParties, "parties", "endorsements before review",
                "审核前逐级签署的单位"),
            NamedLimit(
                "fields", "case_tasks", caseTasks, "tasks", "sub-tasks of one case", "一件个案的分项"),
            NamedLimit(
                "fields", "task_days", taskDays, "days", "a task longer than a year is none of one case",
                "分项时限不超过一年"),
            NamedLimit(
                "fields", "due_months", dueMonths, "months", "five years", "五年"),
            NamedLimit(
                "fields", "school_terms", schoolTerms, "rows", "counties × years × stages",
                "县、年度、学段的组合"),
            NamedLimit(
                "fields", "fen", Int(fen), "fen", "at once; beyond is a slip of the pen", "一次金额，再多即为笔误"),
            NamedLimit(
                "fields", "fund_fen", Int(fundFen), "fen", "income of all time, so that no sum overflows",
                "关爱基金历年收入总额"),
            NamedLimit(
                "fields", "fund_entries_shown", fundEntriesShown, "rows", "newest entries in one view",
                "一次显示的最新收支"),
            NamedLimit(
                "fields", "counted_at_once", countedAtOnce, "persons or times",
                "of one result: every soldier and family of a city are fewer", "一件结果惠及的人数或服务次数"),
            NamedLimit(
                "fields", "digest_bytes", digestBytes, "bytes", "SHA-256",
                "SHA-256"),
            NamedLimit(
                "fields", "code_entries", codeEntries, "codes",
                "the longest list of practice has about 1,500",
                "实际最长的代码表约1500条"),
            NamedLimit(
                "fields", "rules", rules, "rules", "one table",
                "一张规则表"),
            NamedLimit(
                "fields", "conditions", conditions, "conditions", "one rule",
                "一条规则"),
            NamedLimit(
                "fields", "condition_values", conditionValues, "values", "one condition",
                "一个条件"),
            NamedLimit(
                "fields", "tier", tier, "", "tiers are few; two digits in print",
                "档次不多，打印两位"),
            NamedLimit(
                "fields", "party_order", partyOrder, "", "place in official lists",
                "公文排序"),
            NamedLimit(
                "fields", "working_days", workingDays, "working days",
                "of an assignment: two years of work; more is a plan",
                "交办时限：两年的工作日，更长的属于规划"),
            NamedLimit(
                "fields", "calendar_days", calendarDays, "days",
                "of one year’s table, off or worked in their stead; a real year has about forty",
                "一个年度日历所列的天数；实际约四十天"),
            NamedLimit(
                "fields", "supervision_days", supervisionDays, "working days",
                "of a threshold: one year of work",
                "督办规则中的天数：一年的工作日"),
            NamedLimit(
                "fields", "supervision_count", supervisionCount, "times",
                "of redos or hand-backs: two digits in print",
                "重办或退回的次数：打印两位"),
            NamedLimit(
                "fields", "parties", parties, "parties", "party numbers are 16 bits, the last ones spare",
                "单位序号16位，末尾备用"),
            NamedLimit(
                "fields", "officers", officers, "officers", "of one city; practice has some hundreds",
                "一市登记的人员；实际为数百人"),
            NamedLimit(
                "fields", "page_size", pageSize, "rows", "keeps a page far below the message limit",
                "使一页远小于消息上限"),
            NamedLimit(
                "fields", "standard_page_size", standardPageSize, "rows", "where none is asked for",
                "默认每页行数"),
            NamedLimit(
                "fields", "figure_groups", figureGroups, "rows",
                "directions × parties × categories × years of a city are under a thousand",
                "方向、单位、类别、年度的组合不足一千"),
            NamedLimit(
                "fields", "command_past_days", commandPastDays, "days",
                "of a command’s id: older ones may have been forgotten",
                "命令编号的有效天数：更早的结果可能已不保留"),
            NamedLimit(
                "fields", "key_backup_days", keyBackupDays, "days",
                "a backup of the key file is kept; an erasure is complete after them",
                "密钥备份的保留天数；过后删除才算完成"),
            NamedLimit(
                "fields", "clock_advance_days", clockAdvanceDays, "days",
                "a demonstration clock goes on at once: below the 400 of command ids, so that one made just before is still taken in",
                "演示时钟一次可前移的天数；小于命令编号的400天，刚做好的命令仍可受理"),
            NamedLimit(
                "fields", "years_around", yearsAround, "years",
                "before and after this one for which a request may be filed",
                "可提报的年度：前后各几年"),
        ]
    }
}
