// The limits of this target with their values, for whoever runs the server. A test holds that each one defined is here.

extension ConnectionLimits {
    /// These limits, with their names.
    package var named: [NamedLimit] {
        [
            NamedLimit(
                "connection", "max_message_bytes", maxMessageBytes, "bytes",
                "one message; larger things go in chunks",
                "一条消息；更大的内容分块传送"),
            NamedLimit(
                "connection", "max_streams", maxStreams, "calls",
                "open at once on a connection; bounds what a peer can make us hold",
                "每条连接同时进行的调用；限制对方能占用的资源"),
            NamedLimit(
                "connection", "initial_credit_bytes", initialCreditBytes, "bytes",
                "a peer may send on a stream before it is granted more",
                "每个流在获得新额度之前可发送的数据"),
            NamedLimit(
                "connection", "max_metadata_entries", maxMetadataEntries, "", "pairs of a call",
                "每次调用的元数据条数"),
            NamedLimit(
                "connection", "max_metadata_bytes", maxMetadataBytes, "bytes",
                "of a call’s metadata, as much as gRPC allows",
                "每次调用的元数据，与gRPC相当"),
            NamedLimit(
                "connection", "max_stream_queue_bytes", maxStreamQueueBytes, "bytes",
                "of one stream’s messages waiting; beyond, its reader is too slow",
                "每个流等待发送的消息；超过即读取过慢"),
            NamedLimit(
                "connection", "write_high_water_bytes", writeHighWaterBytes, "bytes",
                "in the write queue, above which streams wait and nothing is read",
                "写队列高水位，超过后流等待、不再读取"),
            NamedLimit(
                "connection", "write_low_water_bytes", writeLowWaterBytes, "bytes",
                "in the write queue, below which they go on",
                "写队列低水位，低于后继续"),
            NamedLimit(
                "connection", "max_write_queue_bytes", maxWriteQueueBytes, "bytes",
                "queued for a ttrpc peer, which has no credit",
                "ttrpc连接(无额度)排队待写的数据"),
            NamedLimit(
                "connection", "control_burst", controlBurst, "frames",
                "of control at once; a client needs a few a minute",
                "一次可发的控制帧；客户端每分钟只需几个"),
            NamedLimit(
                "connection", "control_per_second", controlPerSecond, "frames/s", "of control, lasting",
                "持续的控制帧速率"),
            NamedLimit(
                "connection", "max_cancels_per_window", maxCancelsPerWindow, "calls",
                "cancelled in one window; more is a rapid reset attack",
                "每个时间窗内取消的调用；更多视为攻击"),
            NamedLimit(
                "connection", "cancel_window", cancelWindow, "ns", "the window of the line above",
                "上一行的时间窗"),
            NamedLimit(
                "connection", "hello_timeout", helloTimeout, "ns", "from TLS to the peer’s HELLO",
                "TLS完成到对方HELLO"),
            NamedLimit(
                "connection", "frame_timeout", frameTimeout, "ns",
                "from the first byte of a frame to its last",
                "一帧从首字节到末字节"),
            NamedLimit(
                "connection", "write_stall_timeout", writeStallTimeout, "ns",
                "without one byte leaving: the peer does not read",
                "无一字节写出：对方不读取"),
            NamedLimit(
                "connection", "keepalive_interval", keepaliveInterval, "ns",
                "of silence before a PING; keeps firewalls’ state alive",
                "静默多久后发PING；保持防火墙状态"),
            NamedLimit(
                "connection", "keepalive_timeout", keepaliveTimeout, "ns",
                "of silence after a PING before the line counts as dead",
                "PING后静默多久视为断线"),
            NamedLimit(
                "connection", "idle_timeout", idleTimeout, "ns",
                "without a call before the connection ends; 0: never",
                "无调用多久后断开；0为不断开"),
            NamedLimit(
                "connection", "max_age", maxAge, "ns", "of a connection before it is drained; 0: never",
                "连接的最长寿命；0为不限"),
            NamedLimit(
                "connection", "drain_grace", drainGrace, "ns",
                "between the two steps of a drain: a round trip",
                "排空两步之间：一个来回"),
            NamedLimit(
                "connection", "drain_timeout", drainTimeout, "ns", "a drain waits for calls in flight",
                "排空时等待进行中的调用"),
        ]
    }
}

extension ConnectionLimits {
    /// Those that no configuration changes.
    package static var fixed: [NamedLimit] {
        [
            NamedLimit(
                "connection", "ceiling_message_bytes", ceilingMessageBytes, "bytes",
                "ttrpc’s own maximum; no configuration goes beyond",
                "ttrpc自身上限，任何配置不得超过"),
            NamedLimit(
                "connection", "max_control_bytes", maxControlBytes, "bytes",
                "of a HELLO or an ignorable control frame",
                "HELLO或可忽略控制帧的大小"),
            NamedLimit(
                "connection", "max_go_away_text_bytes", maxGoAwayTextBytes, "bytes", "of a GOAWAY’s text",
                "GOAWAY的文字"),
            NamedLimit(
                "connection", "max_credit_bytes", maxCreditBytes, "bytes", "a sender may hold on one stream",
                "发送方在一个流上可持有的额度"),
            NamedLimit(
                "connection", "free_credit_bytes", freeCreditBytes, "bytes",
                "a CREDIT frame of so much costs no control token",
                "达到此额度的CREDIT帧不计入控制帧"),
            NamedLimit(
                "connection", "closed_id_window", closedIDWindow, "",
                "ended stream ids for which late frames are a race, not an error",
                "已结束的流号，其迟到帧视为竞态而非错误"),
            NamedLimit(
                "connection", "stream_id_limit", streamIDLimit, "",
                "first stream id that no connection uses",
                "连接不会使用的第一个流号"),
            NamedLimit(
                "connection", "max_name_bytes", maxNameBytes, "bytes", "of a service or method name",
                "服务名或方法名"),
            NamedLimit(
                "connection", "budget_floor_bytes", budgetFloorBytes, "bytes",
                "of a frame above which memory is reserved before it is taken",
                "超过此大小的帧先预留内存再接收"),
        ]
    }
}

extension Hello {
    package static var limits: [NamedLimit] {
        [
            NamedLimit(
                "connection", "max_software_bytes", maxSoftwareBytes, "bytes", "of HELLO’s software name",
                "HELLO中的软件名"),
            NamedLimit(
                "connection", "max_fingerprint_bytes", maxFingerprintBytes, "bytes",
                "of HELLO’s schema fingerprint",
                "HELLO中的接口指纹"),
            NamedLimit(
                "connection", "max_checkpoint_bytes", maxCheckpointBytes, "bytes", "of HELLO’s checkpoint",
                "HELLO中的检查点"),
        ]
    }
}

extension DecodingLimits {
    package static var named: [NamedLimit] {
        [
            NamedLimit(
                "decoding", "standard_depth", standardDepth, "levels",
                "of nesting in a message, as protobuf’s own libraries take",
                "消息嵌套层数，与protobuf库一致"),
            NamedLimit(
                "decoding", "standard_decoded_size", standardDecodedSize, "bytes",
                "of memory one decoded message may take",
                "一条消息解码后占用的内存"),
        ]
    }
}
