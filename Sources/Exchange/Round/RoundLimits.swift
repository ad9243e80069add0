package import Wire

/// The limits of a round of placement (ROUND.md 6). They bound memory before anything is read, and keep every sum far within an Int64.
package enum RoundLimits {
    package static let people = 20_000  // a province's year; a city's is a few hundred
    package static let posts = 20_000  // so that there may be more posts than people
    package static let seats = 1_000  // of one post: whole recruitments stay one line
    package static let evidence = 64  // records of one person that earn points
    package static let count = 1_000  // of one record: years, months, times
    package static let groups = 40  // of a points table, which is printed on a page
    package static let items = 400  // of a points table
    package static let tenths = 100_000  // points of one item or cap: ten thousand whole points
    package static let listed = 1_000  // posts on one list of preferences; whoever wants more picks live
    package static let textBytes = 400  // of a text: a hundred characters, four bytes each
    package static let tokenBytes = Limits.tokenBytes  // of a key or code
    package static let valueBytes = 200  // of the public value, as it is read out
    package static let secretBytes = 32  // nobody guesses it before it is told
    package static let objections = 1_000  // of a round; more is another procedure
    package static let fileBytes = 64 << 20  // a round of the largest size has about twenty million
}

extension RoundLimits {
    /// For whoever runs the server; a test holds that each limit is here.
    package static var named: [NamedLimit] {
        [
            NamedLimit("round", "people", people, "people", "a province’s year in one round", "一轮至多一省一年的人数"),
            NamedLimit(
                "round", "posts", posts, "posts", "more than people, so that there is a choice", "多于人数，以便选择"),
            NamedLimit("round", "seats", seats, "seats", "of one post", "一个岗位的名额"),
            NamedLimit("round", "evidence", evidence, "records", "of one person that earn points", "一人的积分材料"),
            NamedLimit("round", "count", count, "", "years, months or times of one record", "一条记载的年、月、次数"),
            NamedLimit("round", "groups", groups, "groups", "of a points table", "一张积分表的类别"),
            NamedLimit("round", "items", items, "items", "of a points table", "一张积分表的项目"),
            NamedLimit(
                "round", "tenths", tenths, "tenths", "points of one item or bound", "一个项目或上限的分值（十分之一分）"),
            NamedLimit("round", "listed", listed, "posts", "on one list of preferences", "一张志愿表的岗位"),
            NamedLimit(
                "round", "text_bytes", textBytes, "bytes", "of a text of the published file", "公布文件中一段文字"),
            NamedLimit("round", "token_bytes", tokenBytes, "bytes", "of a key or code", "编号或代码"),
            NamedLimit(
                "round", "value_bytes", valueBytes, "bytes", "of the public value, as it is read out", "公开数的值"
            ),
            NamedLimit(
                "round", "secret_bytes", secretBytes, "bytes", "of the draw’s secret: nobody guesses it",
                "抽签密数：无法猜出"),
            NamedLimit("round", "objections", objections, "objections", "of one round", "一轮的异议"),
            NamedLimit(
                "round", "file_bytes", fileBytes, "bytes", "of a published file that is verified", "核验的公布文件"),
        ]
    }
}
