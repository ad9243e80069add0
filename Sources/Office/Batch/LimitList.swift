package import Schema
package import Wire

// The limits of this machine's own part, which no server knows: what a file that is read may cost, and how it is sent. `admin limits` shows them behind
// the server's. A test holds that each one defined is here.

extension TableLimits {
    package static var named: [NamedLimit] {
        [
            NamedLimit(
                "table", "rows", rows, "rows", "of a text table: twice what a spreadsheet holds",
                "文本表格的行数：电子表格上限的两倍"),
            NamedLimit(
                "table", "cell_bytes", cellBytes, "bytes", "of one cell: the most a spreadsheet’s cell holds",
                "一格：电子表格一格的上限"),
            NamedLimit(
                "table", "header_within", headerWithin, "rows", "in which the headings must be found",
                "表头须在前若干行内"),
            NamedLimit(
                "table", "probe_bytes", probeBytes, "bytes", "looked at to find encoding and separator",
                "判断编码和分隔符时查看的字节"),
            NamedLimit(
                "table", "faults_kept", faultsKept, "faults", "told one by one; beyond they are counted",
                "逐一列出的问题；再多只计数"),
            NamedLimit(
                "table", "fact_characters", factCharacters, "characters", "of a line about the file",
                "表头上方一行说明"),
        ]
    }
}

extension BatchSendLimits {
    package static var named: [NamedLimit] {
        [
            NamedLimit(
                "sending", "held_bytes", heldBytes, "bytes",
                "of chunks held from checking on; a larger file is read twice",
                "核对后留在内存的块；更大的文件再读一遍"),
            NamedLimit(
                "sending", "in_flight", inFlight, "chunks",
                "put and not yet answered: enough to fill the line", "已发未答的块：足以占满线路"),
            NamedLimit(
                "sending", "digests_asked", digestsAsked, "digests", "asked after at once", "一次询问的块摘要"),
            NamedLimit(
                "sending", "longest_wait", longestWait, "ns", "between two looks at how far a batch is",
                "两次查看进展的最长间隔"),
        ]
    }
}

extension PackageLimits {
    package static var named: [NamedLimit] {
        [
            NamedLimit(
                "package", "chunk_bytes", chunkBytes, "bytes",
                "of content in a chunk: all but the last are full",
                "交换包每块的内容：除最后一块外都是满的"),
            NamedLimit(
                "package", "chunks", chunks, "chunks", "of a package: what the largest common disc holds",
                "一个交换包的块数：最大的常用光盘"),
            NamedLimit(
                "package", "manifest_bytes", manifestBytes, "bytes", "of a manifest, held in memory whole",
                "清单的大小，整份读入内存"),
            NamedLimit(
                "package", "item_bytes", itemBytes, "bytes", "of one item: as a message of the line",
                "一项内容：与线路上的一条消息相同"),
            NamedLimit(
                "package", "valid_days", Int(validDays), "days",
                "from making to expiring: as command ids are taken",
                "有效期最长天数：与命令编号的期限相同"),
            NamedLimit(
                "package", "usual_days", Int(usualDays), "days",
                "a package is good for unless its maker says otherwise",
                "未另写时的有效天数"),
            NamedLimit(
                "package", "ahead_minutes", Int(aheadMinutes), "minutes",
                "its time may be ahead of the reader’s clock", "制作时间可以早于对方时钟的分钟数"),
            NamedLimit(
                "package", "round_bytes", roundBytes, "bytes", "of a round’s published file that goes along",
                "随包送出的选岗公布文件"),
            NamedLimit(
                "package", "check_seconds", checkSeconds, "s",
                "the bureau waits for the check of what came, before it makes the package that goes back",
                "市局等待核验完再制作回程包的时间"),
        ]
    }
}

extension SpreadsheetLimits {
    package static var named: [NamedLimit] { ofFile + ofContent }

    private static func limit(
        _ name: Name, _ value: Int, _ unit: String, _ reason: String, _ chinese: String
    ) -> NamedLimit {
        NamedLimit("spreadsheet", name.rawValue, value, unit, reason, chinese)
    }

    private static var ofFile: [NamedLimit] {
        let limits = SpreadsheetLimits()
        return [
            limit(
                .fileBytes, limits.fileBytes, "bytes", "of a workbook", "工作簿文件"),
            limit(.members, limits.members, "members", "of its archive; a dozen are usual", "压缩包内的文件数；通常十几个"),
            limit(.nameBytes, limits.nameBytes, "bytes", "of a member’s name", "包内文件名"),
            limit(
                .directoryBytes, limits.directoryBytes, "bytes", "of the archive’s directory", "包内文件目录"),
            limit(.inflatedBytes, limits.inflatedBytes, "bytes", "of all members inflated", "全部解压后的字节"),
            limit(
                .ratio, limits.ratio, "", "inflated to packed: sheets reach 60, a bomb 1,032",
                "解压倍数：表格至多60，炸弹1032"),
            NamedLimit(
                "spreadsheet", "ratio_floor", ratioFloor, "bytes",
                "inflated, below which the ratio is not asked", "解压后不足此数不查倍数"),
            limit(.depth, limits.depth, "elements", "within each other; ten are usual", "嵌套层数；通常十层"),
            limit(.attributes, limits.attributes, "attributes", "of one tag", "一个标签的属性"),
            limit(.tagBytes, limits.tagBytes, "bytes", "of one tag, which lies in memory whole", "一个标签的字节"),
        ]
    }

    private static var ofContent: [NamedLimit] {
        let limits = SpreadsheetLimits()
        return [
            limit(.sheets, limits.sheets, "sheets", "of a workbook", "工作表数"),
            limit(.formats, limits.formats, "formats", "of cells: Excel’s own limit is below", "单元格格式"),
            limit(.sharedStrings, limits.sharedStrings, "texts", "different ones of a workbook", "不同文字的个数"),
            limit(
                .sharedStringBytes, limits.sharedStringBytes, "bytes", "of those texts",
                "这些文字的字节"),
            NamedLimit(
                "spreadsheet", "held_string_bytes", limits.heldStringBytes, "bytes",
                "of those texts held in memory; more of them go to a temporary file", "放在内存的这些文字；再多存临时文件"),
            limit(
                .cellTextBytes, limits.cellTextBytes, "bytes", "of a cell’s text: the most Excel puts in",
                "一格文字：Excel 的上限"),
            limit(
                .cells, limits.cells, "cells", "of one sheet: a million rows of twenty columns",
                "一个工作表的格数：百万行二十列"),
            limit(.rows, limits.rows, "rows", "of a sheet: Excel’s own", "行数：Excel 的上限"),
            limit(.columns, limits.columns, "columns", "of a sheet: Excel’s own", "列数：Excel 的上限"),
            limit(.merged, limits.merged, "ranges", "merged in one sheet, held in memory", "一个工作表的合并区域"),
        ]
    }
}

/// All of them, as a server tells its own.
package enum OfficeLimits {
    package static var named: [NamedLimit] {
        TableLimits.named + SpreadsheetLimits.named + BatchSendLimits.named + PackageLimits.named
    }

    package static var lines: [LimitLine] {
        named.map {
            LimitLine(
                part: $0.part, name: $0.name, value: $0.value, unit: $0.unit, reason: $0.reason,
                reasonZh: $0.reasonChinese)
        }
    }
}
