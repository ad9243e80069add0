package import Wire

/// The limits of batch kinds and of one row. Every one has a test at the limit and one beyond.
package enum BatchLimits {
    package static let kinds = 200  // files of one city; practice has some thirty
    package static let kindVersions = 1_000  // all that were ever loaded: five of each kind
    package static let fields = 60  // columns of one kind: wider tables are read by nobody
    package static let aliases = 20  // other headings of one field
    package static let rules = 20  // cross-field rules of one kind
    package static let choices = 100  // values of one choice; more belong into a code list
    package static let lists = 50  // lists of names of one city
    /// Bytes of one table as loaded (kind, names, figures): with its envelope and event it must fit into a record.
    package static let tableBytes = 120_000
    package static let names = 10_000  // entries of one list of names
    package static let textCharacters = 4000  // a field's own limit may not be above: two printed pages
    /// Cells of one row; a spreadsheet's own limit is far above, a table's need far below.
    package static let cells = 500
    /// Bytes of one row, read or canonical: a row is judged in one piece, like a command.
    package static let rowBytes = chunkBytes - 4  // it goes whole into a chunk, behind its length
    /// Of what was read, in a fault: enough to find it, not to fill a screen.
    package static let readCharacters = 40
    /// Bytes of one chunk: a quarter of a message, an eighth of a second on a line of 16 Mbit/s. Told in HELLO's place by BATCH.md 3.
    package static let chunkBytes = 262_144
    /// Chunks of one batch: their list is itself one chunk.
    package static let chunks = 5_800
    /// Rows of one batch: twice the largest register any city of China can have in one table of people's own tools (1,048,576).
    package static let batchRows = 2_000_000
    /// Bytes of the canonical rows of one batch: what its chunks can hold.
    package static let batchBytes = chunks * chunkBytes
    package static let numberBytes = 40
    package static let fileNameCharacters = 200
    /// Faults of one batch that are kept and told; a table with more is another table.
    package static let faults = 10_000
    /// Keys of a batch's rows held in memory while it is checked, three megabytes: nearly twice the largest register of practice. Further ones go to a file (`SeenKeys`).
    package static let keysHeld = 131_072
}

extension BatchLimits {
    /// For whoever runs the server, and for senders; a test holds that each limit is here.
    package static var named: [NamedLimit] { ofKinds + ofBatches }

    private static var ofKinds: [NamedLimit] {
        [
            NamedLimit(
                "batch", "kind_versions", kindVersions, "texts", "of kinds ever loaded: five of each kind",
                "历次载入的表样版本：每种约5版"),
            NamedLimit(
                "batch", "kinds", kinds, "kinds", "of one city; practice has some thirty", "一市的表样；实际约三十种"),
            NamedLimit(
                "batch", "fields", fields, "fields", "of one kind: wider tables are read by nobody",
                "一种表的栏目：再宽没人看"),
            NamedLimit("batch", "aliases", aliases, "names", "of one field’s heading", "一个栏目的别名"),
            NamedLimit("batch", "rules", rules, "rules", "over several fields of one kind", "一种表的跨栏规则"),
            NamedLimit(
                "batch", "choices", choices, "values", "of one choice; more belong into a code list",
                "一个选择栏的取值；再多应设代码表"),
            NamedLimit("batch", "lists", lists, "lists", "of names of one city", "一市的名称表"),
            NamedLimit(
                "batch", "table_bytes", tableBytes, "bytes",
                "of one table as loaded: it must fit into a record",
                "载入的一张表样：须能放进一条存证记录"),
            NamedLimit("batch", "names", names, "names", "of one list", "一张名称表的条目"),
            NamedLimit(
                "batch", "text_characters", textCharacters, "characters", "of one field: two printed pages",
                "一格文字：打印两页"),
            NamedLimit(
                "batch", "cells", cells, "cells", "of one row of a file: far above any table’s need",
                "文件中一行的格数：远多于任何表"),
            NamedLimit(
                "batch", "row_bytes", rowBytes, "bytes", "of one row, which is judged in one piece",
                "一行：整行一次判断"),
            NamedLimit(
                "batch", "read_characters", readCharacters, "characters", "of what was read, in a fault",
                "问题中引用的原文"),
        ]
    }

    private static var ofBatches: [NamedLimit] {
        [
            NamedLimit(
                "batch", "chunk_bytes", chunkBytes, "bytes", "of one chunk: a quarter of a message",
                "一块：一条消息的四分之一"),
            NamedLimit(
                "batch", "chunks", chunks, "chunks", "of one batch: their list is itself one chunk",
                "一批的块数：清单本身不超过一块"),
            NamedLimit(
                "batch", "batch_rows", batchRows, "rows", "of one batch: twice what a spreadsheet holds",
                "一批的行数：电子表格上限的两倍"),
            NamedLimit(
                "batch", "batch_bytes", batchBytes, "bytes", "of the rows of one batch: what its chunks hold",
                "一批的字节数：各块之和"),
            NamedLimit(
                "batch", "number_bytes", numberBytes, "bytes", "of a batch’s number, which is read out",
                "批次号的长度：要能念出来"),
            NamedLimit(
                "batch", "file_name_characters", fileNameCharacters, "characters",
                "of the sender’s file name", "报送文件的名称"),
            NamedLimit(
                "batch", "faults", faults, "faults",
                "of one batch that are kept; a table with more is another table", "一批保留的问题；再多就不是这种表"),
            NamedLimit(
                "batch", "keys_held", keysHeld, "keys",
                "of a batch held in memory while it is checked; further ones go to a file",
                "核验时内存中保留的主键；再多的写入临时文件"),
        ]
    }
}
