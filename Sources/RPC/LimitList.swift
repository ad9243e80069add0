// The limits of this target with their values, for whoever runs the server. A test holds that each one of the configuration is here.

import Metrics
package import Wire

extension ServerConfiguration {
    /// Every limit of a server with this configuration, those of its connections among them.
    package var named: [NamedLimit] {
        own + limits.named + ConnectionLimits.fixed + Hello.limits + DecodingLimits.named + Self.fixed
            + MetricsLimits.named
    }

    private var own: [NamedLimit] {
        [
            NamedLimit(
                "server", "loops", loops, "threads", "event loops",
                "事件循环线程数"),
            NamedLimit(
                "server", "max_connections", maxConnections, "connections",
                "at once, in any state; 2000 idle ones cost about 60 MB",
                "同时的连接，含任何状态；2000条空闲约60 MB"),
            NamedLimit(
                "server", "max_handshakes", maxHandshakes, "connections",
                "that have not said HELLO; more wait in the kernel",
                "尚未HELLO的连接；更多的在内核中等待"),
            NamedLimit(
                "server", "max_handshakes_per_address", maxHandshakesPerAddress, "connections",
                "of one address that have not said HELLO; more are closed",
                "同一地址尚未HELLO的连接；更多的被关闭"),
            NamedLimit(
                "server", "handshake_timeout", handshakeTimeout, "ns", "from accept to HELLO",
                "从接受连接到HELLO"),
            NamedLimit(
                "server", "backlog", backlog, "connections", "the kernel keeps until they are accepted",
                "内核保留待接受的连接"),
            NamedLimit(
                "server", "memory_budget_bytes", memoryBudgetBytes, "bytes", "held for all peers together",
                "为所有对端占用的内存总量"),
            NamedLimit(
                "server", "socket_buffer_bytes", socketBufferBytes, "bytes",
                "the kernel buffers for a connection; 0: the kernel’s own tuning",
                "每条连接的内核缓冲；0为由内核自定"),
        ]
    }
}

extension ServerConfiguration {
    /// Those that no configuration changes.
    private static var fixed: [NamedLimit] {
        [
            NamedLimit(
                "server", "max_turn_bytes", Channel.maxTurnBytes, "bytes",
                "one connection writes before others have their turn",
                "一条连接一轮最多写出"),
            NamedLimit(
                "server", "max_linger_bytes", Channel.maxLingerBytes, "bytes",
                "read and dropped behind our last words",
                "末尾消息发出后读取并丢弃的数据"),
            NamedLimit(
                "server", "linger_time", Channel.lingerTime, "ns",
                "last words may take, and the wait for the peer’s end",
                "末尾消息的发送时间，及等待对方结束的时间"),
            NamedLimit(
                "server", "handshake_steps_per_turn", HandshakeGate.stepsPerTurn, "steps",
                "of handshakes in one turn of a loop: open connections do not wait behind new ones",
                "每轮处理的握手步数：已有连接不因新连接而等待"),
            NamedLimit(
                "server", "max_routes", RouteCache.maxRoutes, "names", "of methods a loop keeps",
                "每个循环缓存的方法名"),
            NamedLimit(
                "server", "max_queued_bytes", ReplyFlow.maxQueuedBytes, "bytes",
                "of a stream in a loop’s mailbox above which its handler waits",
                "流在循环信箱中的数据，超过后处理程序等待"),
            NamedLimit(
                "server", "max_quiet_bytes", TLSSession.maxQuietBytes, "bytes",
                "of ciphertext without data in a row",
                "连续的无数据密文"),
            NamedLimit(
                "server", "max_waiting_reflections", ReflectionService.maxWaiting, "requests",
                "waiting for a client that does not read",
                "等待不读取的客户端的反射请求"),
        ]
    }
}

extension MetricsLimits {
    fileprivate static var named: [NamedLimit] {
        [
            NamedLimit(
                "metrics", "request_bytes", requestBytes, "bytes", "of a request’s head",
                "请求头"),
            NamedLimit(
                "metrics", "connections", connections, "connections",
                "at once; one more is closed at the door",
                "同时的连接；多一条即关闭"),
            NamedLimit(
                "metrics", "patience", patience, "ns", "from accept until the answer has been taken",
                "从接受连接到答复取走"),
            NamedLimit(
                "metrics", "dropped", dropped, "bytes", "read and dropped behind a request",
                "请求之后读取并丢弃的数据"),
            NamedLimit(
                "metrics", "backlog", backlog, "connections", "the kernel keeps until they are accepted",
                "内核保留待接受的连接"),
        ]
    }
}
