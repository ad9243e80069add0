import Crypto
package import Schema

/// What `twolists admin conns | streams | limits` shows of a running server.
extension ViewsText {
    /// - Parameter now: nanoseconds UTC, for ages.
    package func connections(_ lines: [ConnectionLine], total: UInt64, more: [UInt8], now: Int64) -> [String]
    {
        var table = Table([
            Table.Column(t("编号", "no."), right: true),
            Table.Column(t("人员/单位", "officer/party"), flexible: true),
            Table.Column(t("来自", "from"), flexible: true), Table.Column(t("协议", "profile")),
            Table.Column(t("已连", "age"), right: true), Table.Column(t("空闲", "idle"), right: true),
            Table.Column(t("收/发", "in/out"), right: true), Table.Column(t("调用", "calls"), right: true),
            Table.Column(t("排队", "queued"), right: true),
        ])
        for line in lines {
            table.add([
                Table.Cell("\(line.number)"), Table.Cell(who(line.identity)), Table.Cell(line.address),
                Table.Cell(
                    line.phase == "open" ? line.profile : phase(line.phase),
                    line.phase == "open" ? nil : .yellow),
                Table.Cell(span(now - line.since)), Table.Cell(span(now - line.lastActivity)),
                Table.Cell("\(size(line.bytesIn))/\(size(line.bytesOut))"),
                Table.Cell("\(line.openStreams)/\(line.calls)"), Table.Cell(size(line.bytesQueued)),
            ])
        }
        return [t("当前连接 \(total) 条", "\(total) connections open")] + table.lines(on: screen) + pageEnd(more)
    }

    package func streams(_ lines: [StreamLine], total: UInt64, more: [UInt8], now: Int64) -> [String] {
        var table = Table([
            Table.Column(t("连接", "conn"), right: true), Table.Column(t("流", "stream"), right: true),
            Table.Column(t("人员/单位", "officer/party"), flexible: true),
            Table.Column(t("方法", "method"), flexible: true),
            Table.Column(t("已历时", "age"), right: true), Table.Column(t("剩余时限", "time left"), right: true),
            Table.Column(t("额度发/收", "credit out/in"), right: true),
            Table.Column(t("排队", "queued"), right: true),
        ])
        for line in lines {
            table.add([
                Table.Cell("\(line.connection)"), Table.Cell("\(line.stream)"),
                Table.Cell(who(line.identity)),
                Table.Cell(method(line), line.ended ? .yellow : nil),
                Table.Cell(span(now - line.since)),
                Table.Cell(line.deadline == 0 ? t("不限", "none") : span(line.deadline - now)),
                Table.Cell("\(credit(line.sendCredit))/\(credit(line.receiveCredit))"),
                Table.Cell(size(line.bytesQueued)),
            ])
        }
        return [t("当前调用 \(total) 个", "\(total) calls open")] + table.lines(on: screen) + pageEnd(more)
    }

    package func limits(_ view: LimitsView) -> [String] {
        var table = Table([
            Table.Column(t("部分", "part")), Table.Column(t("名称", "name")),
            Table.Column(t("数值", "value"), right: true), Table.Column(t("单位", "unit")),
            Table.Column(t("理由", "reason"), flexible: true),
        ])
        for line in view.limits {
            let (value, unit) = amount(line)
            table.add([
                Table.Cell(line.part), Table.Cell(line.name), Table.Cell(value), Table.Cell(unit),
                Table.Cell(language == .en || line.reasonZh.isEmpty ? line.reason : line.reasonZh),
            ])
        }
        return table.lines(on: screen)
    }

    /// `k7f2 county/421321`: the officer first, so that a narrow screen cuts the rest; other certificates by what follows the city.
    private func who(_ identity: String) -> String {
        if identity.isEmpty { return t("(握手中)", "(in handshake)") }
        let path = identity.split(separator: "/").dropFirst(2)
        guard path.count == 4, let officer = path.last else {
            return path.isEmpty ? identity : path.joined(separator: "/")
        }
        return "\(officer) \(path.prefix(2).joined(separator: "/"))"
    }

    private func phase(_ word: String) -> String {
        switch word {
        case "hello": t("等待HELLO", "before HELLO")
        default: t("握手中", "in handshake")
        }
    }

    /// The package of our own services is left out, it says nothing here.
    private func method(_ line: StreamLine) -> String {
        let service =
            line.service.hasPrefix("twolists.v1.") ? String(line.service.dropFirst(12)) : line.service
        return "\(service)/\(line.method)" + (line.ended ? t("(收尾)", " (ending)") : "")
    }

    private func credit(_ bytes: Int64) -> String {
        bytes < 0 ? "-\(size(bytes.magnitude))" : size(bytes.magnitude)
    }

    /// Times in their largest whole unit, as a person reads them.
    private func span(_ nanoseconds: Int64) -> String {
        let seconds = nanoseconds / 1_000_000_000
        switch abs(seconds) {
        case ..<120: return t("\(seconds)秒", "\(seconds) s")
        case ..<7_200: return t("\(seconds / 60)分", "\(seconds / 60) min")
        case ..<172_800: return t("\(seconds / 3600)时", "\(seconds / 3600) h")
        default: return t("\(seconds / 86_400)天", "\(seconds / 86_400) d")
        }
    }

    private func size(_ bytes: UInt64) -> String {
        switch bytes {
        case ..<10_240: "\(bytes) B"
        case ..<10_485_760: "\(bytes >> 10) KiB"
        default: "\(bytes >> 20) MiB"
        }
    }

    /// Nanoseconds are shown in the unit they are whole in; `--json` has them as they are.
    private func amount(_ line: LimitLine) -> (String, String) {
        guard line.unit == "ns", line.value != 0 else { return ("\(line.value)", line.unit) }
        for (unit, name) in [(Int64(1_000_000_000), "s"), (1_000_000, "ms"), (1_000, "µs")]
        where line.value % unit == 0 { return ("\(line.value / unit)", name) }
        return ("\(line.value)", "ns")
    }

    private func pageEnd(_ more: [UInt8]) -> [String] {
        guard !more.isEmpty else { return [] }
        let cursor = Hex.encode(more)
        return [t("后面还有：加 --cursor \(cursor) 继续，或 --all", "more: go on with --cursor \(cursor), or --all")]
    }
}

extension ConnectionLine {
    package var json: JSON {
        .object([
            "number": .uint(number), "address": .string(address), "identity": .string(identity),
            "phase": .string(phase), "profile": .string(profile), "since": .time(since),
            "last_activity": .time(lastActivity), "bytes_in": .uint(bytesIn), "bytes_out": .uint(bytesOut),
            "open_streams": .uint(UInt64(openStreams)), "calls": .uint(calls),
            "bytes_queued": .uint(bytesQueued),
        ])
    }
}

extension StreamLine {
    package var json: JSON {
        .object([
            "connection": .uint(connection), "stream": .uint(UInt64(stream)), "identity": .string(identity),
            "service": .string(service), "method": .string(method), "since": .time(since),
            "deadline": deadline == 0 ? .null : .time(deadline), "send_credit": .int(sendCredit),
            "receive_credit": .int(receiveCredit), "bytes_queued": .uint(bytesQueued), "ended": .bool(ended),
        ])
    }
}

extension LimitsView {
    package var json: JSON {
        .object([
            "limits": .array(
                limits.map { line in
                    .object([
                        "part": .string(line.part), "name": .string(line.name), "value": .int(line.value),
                        "unit": .string(line.unit), "reason": .string(line.reason),
                        "reason_zh": .string(line.reasonZh),
                    ])
                })
        ])
    }
}
