internal import Exchange
internal import Journal
internal import Wire

// The limits of these targets with their values, for whoever runs the server. A test holds that each one defined is here.

extension EngineLimits {
    static var named: [NamedLimit] {
        [
            NamedLimit(
                "engine", "envelope_bytes", envelopeBytes, "bytes",
                "of one received envelope: far above any typed text",
                "一条命令信封：远大于任何录入文字"),
            NamedLimit(
                "engine", "round_file_part", roundFilePart, "bytes",
                "of a round’s published file in one answer",
                "选岗公布文件一次给出的部分"),
            NamedLimit(
                "engine", "round_reads", roundReads, "calls",
                "waiting for the rounds’ thread; with the largest round the last waits ten seconds",
                "等待选岗计算的调用；最大一轮时最后一个约等10秒"),
            NamedLimit(
                "engine", "certificate_bytes", certificateBytes, "bytes",
                "of a certificate that comes with an envelope",
                "随信封的证书"),
            NamedLimit(
                "engine", "signature_bytes", signatureBytes, "bytes", "of a signature",
                "签名"),
            NamedLimit(
                "engine", "salt_bytes", saltBytes, "bytes",
                "of the salt in a leaf’s digest: 128 bits cannot be guessed",
                "叶子摘要中的盐：128位无法猜出"),
            NamedLimit(
                "engine", "entropy_page", entropyPage, "bytes", "of chance drawn at a time",
                "一次取用的随机数"),
            NamedLimit(
                "engine", "waiting", waiting, "calls",
                "waiting for the engine; the last waits a tenth of a second",
                "等待引擎的调用；最后一个约等0.1秒"),
            NamedLimit(
                "engine", "turn_budget", turnBudget, "ns", "of work before other queues are looked at",
                "一轮工作的时间预算"),
            NamedLimit(
                "engine", "group_commands", groupCommands, "commands", "in one group: what one sync carries",
                "一组中的命令：一次同步写盘的量"),
            NamedLimit(
                "engine", "group_bytes", groupBytes, "bytes", "of records in one group",
                "一组中的记录"),
            NamedLimit(
                "engine", "page_default", pageDefault, "rows", "of a page where none is asked for",
                "默认每页行数"),
            NamedLimit(
                "engine", "page_most", pageMost, "rows", "of a page",
                "每页最多行数"),
            NamedLimit(
                "engine", "scan_step", scanStep, "matters", "a list looks at before others have their turn",
                "列表一步查看的事项"),
            NamedLimit(
                "engine", "figure_step", figureStep, "matters",
                "a report looks at before others have their turn",
                "统计一步查看的事项"),
            NamedLimit(
                "engine", "time_looks", timeLooks, "items",
                "the clock looks at in one slice: a third of a turn’s budget",
                "计时一步查看的事项：一轮预算的三分之一"),
            NamedLimit(
                "engine", "time_marks", timeMarks, "records",
                "the clock writes in one slice: a third of a turn’s budget",
                "计时一步写入的记录：一轮预算的三分之一"),
            NamedLimit(
                "engine", "watch_step", watchStep, "changes", "handed to one watcher before the next",
                "一次推送给一个关注者的变化"),
            NamedLimit(
                "engine", "watchers", watchers, "watchers", "in all: one a connected officer and some",
                "关注者总数：每位在线人员一个，略有富余"),
            NamedLimit(
                "engine", "watchers_per_officer", watchersPerOfficer, "watchers", "of one officer",
                "每人的关注者"),
            NamedLimit(
                "engine", "refusal_burst", refusalBurst, "records",
                "of refusals for lack of right, per officer, at once",
                "每人一次可记录的越权拒绝"),
            NamedLimit(
                "engine", "refusal_interval", refusalInterval, "ns", "in which one more is recorded",
                "每隔多久可再记录一次"),
        ] + notices
    }

    private static var notices: [NamedLimit] {
        [
            NamedLimit(
                "engine", "notice_burst_of_officer", noticeBurstOfOfficer, "records",
                "of refusals outside a command, per officer, at once: an honest day’s mistyping",
                "每人一次可记录的查阅、管理越权拒绝：足够一天的误输"),
            NamedLimit(
                "engine", "notice_interval_of_officer", noticeIntervalOfOfficer, "ns",
                "in which one more of an officer is recorded",
                "每人每隔多久可再记录一次"),
            NamedLimit(
                "engine", "notice_burst", noticeBurst, "records",
                "of such refusals of all officers, at once: nobody fills the journal by asking",
                "全体一次可记录的此类拒绝：防止存证被刷满"),
            NamedLimit(
                "engine", "notice_interval", noticeInterval, "ns", "in which one more of all is recorded",
                "全体每隔多久可再记录一次"),
            NamedLimit(
                "engine", "notice_officers", noticeOfficers, "officers",
                "counted apart: more than a city has", "分别计数的人员：多于一个城市的人数"),
            NamedLimit(
                "engine", "notice_flush", noticeFlush, "ns", "between two looks for a surplus to tell",
                "多久查看一次未记录的余数"),
        ]
    }
}

extension TrailLimits {
    static var named: [NamedLimit] {
        [
            NamedLimit(
                "trail", "waiting", waiting, "calls", "waiting for the trail’s thread",
                "等待审计线程的调用"),
            NamedLimit(
                "trail", "page_default", pageDefault, "rows", "of a page where none is asked for",
                "默认每页行数"),
            NamedLimit(
                "trail", "page_most", pageMost, "rows", "of a page",
                "每页最多行数"),
            NamedLimit(
                "trail", "scanned", scanned, "records", "looked at for one page",
                "一页查看的记录"),
            NamedLimit(
                "trail", "answer_bytes", answerBytes, "bytes", "of records in one answer",
                "一次答复中的记录"),
            NamedLimit(
                "trail", "answer_records", answerRecords, "records", "in one answer",
                "一次答复中的记录数"),
        ]
    }
}

extension SnapshotLimits {
    static var named: [NamedLimit] {
        [
            NamedLimit(
                "snapshot", "records", records, "records", "after which the next snapshot is made",
                "多少条记录后做下一个快照"),
            NamedLimit(
                "snapshot", "look_milliseconds", lookMilliseconds, "ms",
                "between two looks whether one is due",
                "两次查看之间"),
            NamedLimit(
                "snapshot", "pause_milliseconds", pauseMilliseconds, "ms", "after one could not be made",
                "未能做成后的等待"),
            NamedLimit(
                "snapshot", "room_left", roomLeft, "bytes",
                "a snapshot leaves free on the disk for the journal",
                "快照为日志留出的磁盘空间"),
        ]
    }
}

extension BackupLimits {
    static var named: [NamedLimit] {
        [
            NamedLimit(
                "backup", "waiting", waiting, "copies", "that wait for the one under way",
                "等待进行中备份的备份数"),
            NamedLimit(
                "backup", "had", had, "files", "that a caller may say to have: a journal of 256 GiB",
                "调用方可声明已有的文件：256 GiB的日志"),
            NamedLimit(
                "backup", "piece", piece, "bytes", "of one piece: a quarter of a message",
                "一块的大小：消息的四分之一"),
            NamedLimit(
                "backup", "patience", patience, "ns",
                "that a caller may take nothing before the next has its turn",
                "调用方多久不取即轮到下一个"),
        ]
    }
}

extension JournalLimits {
    static var named: [NamedLimit] {
        [
            NamedLimit(
                "journal", "page", page, "bytes",
                "groups start and end on one, so that acknowledged sectors are not written again",
                "组的起止边界，已确认的扇区不再改写"),
            NamedLimit(
                "journal", "segment_size", segmentSize, "bytes", "of a segment file by default",
                "段文件的默认大小"),
            NamedLimit(
                "journal", "smallest_segment", smallestSegment, "bytes", "of a segment file",
                "段文件最小"),
            NamedLimit(
                "journal", "largest_segment", largestSegment, "bytes", "of a segment file",
                "段文件最大"),
            NamedLimit(
                "journal", "body", body, "bytes", "of a record’s body",
                "一条记录的正文"),
            NamedLimit(
                "journal", "group_records", groupRecords, "records",
                "in one commit group: a few milliseconds between two syncs",
                "一个提交组的记录：两次同步间隔数毫秒"),
            NamedLimit(
                "journal", "group_bytes", groupBytes, "bytes", "in one commit group",
                "一个提交组的大小"),
            NamedLimit(
                "journal", "group_keys", groupKeys, "keys", "made durable with one group",
                "一组中落盘的密钥"),
            NamedLimit(
                "journal", "pushed_out", pushedOut, "bytes",
                "of a growing file that go to the disk at once: no sync of the journal waits for more",
                "大文件边写边落盘的每次字节数"),
            NamedLimit(
                "journal", "written_at_once", writtenAtOnce, "bytes",
                "of one write call of such a file", "此类文件每次写入的字节数"),
            NamedLimit(
                "journal", "give_way", Int(giveWay), "ns",
                "of work beside casework before others may run", "后台工作连续运行多久后让出处理器"),
            NamedLimit(
                "journal", "pending_bytes", pendingBytes, "bytes",
                "accepted and not yet durable; above it callers are told to wait",
                "已接受尚未落盘；超过即请调用方稍候"),
            NamedLimit(
                "journal", "frontier", frontier, "hashes", "in a frontier: one a bit of the tree size",
                "前沿哈希：树大小每位一个"),
            NamedLimit(
                "journal", "signature", signature, "bytes", "of a checkpoint’s signature",
                "检查点签名"),
            NamedLimit(
                "journal", "second_signature", secondSignature, "bytes",
                "of a checkpoint’s second signature, SM2’s", "检查点的第二签名（SM2）"),
            NamedLimit(
                "journal", "algorithm_name", algorithmName, "bytes", "of a signature algorithm’s name",
                "签名算法名"),
            NamedLimit(
                "journal", "city", city, "bytes", "of the city’s code",
                "城市代码"),
            NamedLimit(
                "journal", "commit", commit, "bytes", "of a COMMIT record with its padding",
                "COMMIT记录(含填充)"),
            NamedLimit(
                "journal", "restored_reason", restoredReason, "bytes",
                "of the reason in a RESTORED record: a sentence or two",
                "RESTORED记录中的缘由：一两句话"),
            NamedLimit(
                "journal", "idle_commit", idleCommit, "ns", "of quiet after which an empty COMMIT is written",
                "静默多久后写一个空COMMIT"),
            NamedLimit(
                "journal", "head_sync", headSync, "ns", "between two syncs of HEAD",
                "两次HEAD同步之间"),
            NamedLimit(
                "journal", "spare_retry", spareRetry, "ns",
                "between two attempts to make room on a full disk",
                "磁盘满时两次尝试之间"),
            NamedLimit(
                "journal", "clock_jump", clockJump, "ns",
                "of difference between the clocks before it is journaled",
                "两个时钟相差多少即入日志"),
            NamedLimit(
                "journal", "read_window", readWindow, "bytes",
                "of the journal looked at in one step by a reader beside the engine",
                "旁路读取一步查看的日志"),
            NamedLimit(
                "journal", "snapshots_kept", snapshotsKept, "snapshots",
                "kept: the one before serves when the newest cannot be read",
                "保留的快照：最新的读不出时用前一个"),
            NamedLimit(
                "journal", "snapshot_block", snapshotBlock, "bytes", "of one block of a snapshot",
                "快照一块的大小"),
            NamedLimit(
                "journal", "key_chunk", keyChunk, "bytes", "by which the key file grows",
                "密钥文件每次增长"),
        ]
    }
}

extension AdminHandler {
    /// Every limit that Bureau knows.
    static var limits: [NamedLimit] {
        EngineLimits.named + own + TrailLimits.named + SnapshotLimits.named + BackupLimits.named
            + JournalLimits.named
            + Limits.named + RoundLimits.named + BatchLimits.named + BatchWorkLimits.named
            + AttachmentLimits.named + registers
    }

    /// What is counted and compared of registers: each is defined where it is used.
    private static var registers: [NamedLimit] {
        [
            NamedLimit(
                "registers", "figures", RegisterFigureTable.most, "figures",
                "of one table: practice has some fifty",
                "一张统计表的指标：实际约五十项"),
            NamedLimit(
                "registers", "conditions", RegisterFigureTable.mostConditions, "conditions",
                "joined in one figure’s filter", "一项指标筛选条件的个数"),
            NamedLimit(
                "registers", "leaf_rows", RegisterTree.leafRows, "rows",
                "of a leaf when registers are compared: an answer stays within a kilobyte or two",
                "对账时摘要树一片叶的数据行"),
            NamedLimit(
                "registers", "depth", RegisterTree.depth, "steps",
                "of a row’s path in the tree: what SHA-256 has",
                "对账时摘要树的层数：SHA-256的长度"),
            NamedLimit(
                "registers", "prefixes_at_once", RegisterComparison.prefixesAtOnce, "prefixes",
                "in one question of a comparison", "对账时一次询问的节点"),
        ]
    }

    private static var own: [NamedLimit] {
        [
            NamedLimit(
                "admin", "reloads_at_once", reloadsAtOnce, "calls",
                "asked for and not yet done: one is enough for whoever means it",
                "已请求尚未完成的重新加载：有一次就够"),
            NamedLimit(
                "admin", "faults_most", AdminNote.faultsMost, "faults",
                "that one record of the journal tells; the log has them all",
                "日志一条记录所列的问题；全部在运行日志中"),
            NamedLimit(
                "admin", "fault_bytes", AdminNote.faultBytes, "bytes", "of one fault’s text in the journal",
                "日志中一个问题的文字"),
        ]
    }
}

extension BatchWorkLimits {
    static var named: [NamedLimit] {
        [
            NamedLimit(
                "batches", "waiting", waiting, "calls",
                "waiting for the batches’ thread: sixteen senders with four chunks each",
                "等待批次线程的调用：16个报送者各4块"),
            NamedLimit(
                "batches", "jobs", jobs, "calls", "checks and streams of rows under way at once", "同时进行的核验和下载"
            ),
            NamedLimit(
                "batches", "pending_bytes", pendingBytes, "bytes",
                "stored of one party and not submitted: two of the largest batches", "一个单位已传未报的数据：两个最大的批次"),
            NamedLimit(
                "batches", "pending_days", Int(pendingDays), "days",
                "after which chunks that nobody submitted are removed", "无人提交的分块保留天数"),
            NamedLimit(
                "batches", "reserve_bytes", reserveBytes, "bytes",
                "of the disk left for the journal when a chunk is taken", "接收分块时为日志保留的磁盘"),
            NamedLimit(
                "batches", "asked", asked, "digests", "in one question for what is stored", "一次查询的分块摘要"),
            NamedLimit(
                "batches", "fetch_bytes", fetchBytes, "bytes", "of rows in one message of a stream",
                "下载时一条消息中的数据行"),
            NamedLimit(
                "batches", "fetch_looks", fetchLooks, "rows", "looked at for one message of a stream",
                "下载时每步查看的数据行"),
            NamedLimit(
                "batches", "report_faults", reportFaults, "faults", "in one message of a report", "一条消息中的错误"),
            NamedLimit(
                "batches", "piece_bytes", pieceBytes, "bytes", "by which files of rows are written and read",
                "数据行文件每次读写"),
            NamedLimit(
                "batches", "keys_together", keysTogether, "keys", "of new persons written at a time",
                "一次写入的新个人密钥"),
            NamedLimit(
                "batches", "register_step", registerStep, "rows", "taken into a register in one step",
                "每步入库的数据行"),
            NamedLimit(
                "batches", "check_rows", checkRows, "rows",
                "of a batch judged in one step: some milliseconds",
                "每步核验的数据行：数毫秒"),
            NamedLimit(
                "batches", "trees", trees, "trees", "of digests of registers kept for who compares", "对账用的摘要树"
            ),
            NamedLimit(
                "batches", "patience", Int(patience), "ns",
                "that a caller may take nothing before the stream ends",
                "接收方停顿多久后中止"),
        ]
    }
}
