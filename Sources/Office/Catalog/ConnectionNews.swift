internal import Synchronization
package import TwoListsClient

/// What a run of the program says of its connection while it works, in words.
package final class ConnectionNews: Sendable {
    private let language: Language
    private let tellsOfLosses: Bool
    /// `watch` connects again and again for days: what does not change with it is told once, not at every connection.
    private let told = Mutex<Set<Topic>>([])

    private enum Topic: Hashable {
        case clock
        case certificate(ClientEvent.CertificateHolder)
    }

    /// - Parameter tellsOfLosses: whether to tell that the line is lost and sought again, which only somebody who looks on wants to know.
    package init(_ language: Language, tellsOfLosses: Bool) {
        self.language = language
        self.tellsOfLosses = tellsOfLosses
    }

    /// The line for standard error; nil: nothing to say.
    package func line(_ event: ClientEvent) -> String? {
        switch event {
        case .connecting, .connected: return nil
        case .clockDiffers(let seconds):
            return isFirst(.clock) ? Self.clock(seconds)[language] : nil
        case .certificateEnds(let holder, let identity, let ends, let left):
            guard isFirst(.certificate(holder)) else { return nil }
            return Self.certificate(holder, identity, ends, left)[language]
        case .disconnected(let error, let wait):
            guard tellsOfLosses, !error.isPermanent, wait > 0 else { return nil }
            return Self.lost(error, wait)[language]
        case .historyAlarm(let alarm): return ReceiptTexts.alarm(alarm)[language]
        case .historyRestored(let restoration): return ReceiptTexts.restored(restoration)[language]
        case .historyNotKept(let error): return ReceiptTexts.notKept(error)[language]
        case .receiptWrong(let command, let failure): return ReceiptTexts.wrong(command, failure)[language]
        case .receiptIncomplete(let command, let error):
            return ReceiptTexts.incomplete(command, error)[language]
        }
    }

    private func isFirst(_ topic: Topic) -> Bool { told.withLock { $0.insert(topic).inserted } }

    /// Whoever reads it renews their own; the server's is the administrator's business.
    private static func certificate(
        _ holder: ClientEvent.CertificateHolder, _ identity: String, _ ends: Int64, _ left: Int64
    ) -> Text {
        let (nanoseconds, overflow) = ends.multipliedReportingOverflow(by: 1_000_000_000)
        let end = overflow ? "" : ShanghaiTime.screen(nanoseconds)
        let amount = amount(left.magnitude)
        let when =
            left > 0
            ? Text("还有 \(amount.zh)到期（\(end)）", "ends in \(amount.en) (\(end))")
            : Text("已于 \(end) 到期", "ended at \(end)")
        switch holder {
        case .client:
            return Text(
                "注意：您的证书\(when.zh)。请在本机执行 twolists ca request \(identity)，把得到的 .csr 交市局签发，再换上新的证书和私钥；"
                    + "到期前新旧证书都可以用。",
                "Note: your certificate \(when.en). Run twolists ca request \(identity) on this machine, have the bureau sign the .csr "
                    + "(twolists ca issue), and put the new certificate and key in place; until then both are good."
            )
        case .server:
            return Text(
                "注意：服务器的证书\(when.zh)，到期后谁都连不上。请告知市局系统管理员更换。",
                "Note: the server's certificate \(when.en); nobody can connect after that. Tell the bureau's system administrator."
            )
        }
    }

    private static func lost(_ error: ClientError, _ wait: Int64) -> Text {
        let seconds = (wait + 999) / 1000
        let happened = error.failureText.happened
        return Text(
            "\(happened.zh)；约 \(seconds) 秒后再试……", "\(happened.en); trying again in about \(seconds) s…")
    }

    /// Which clock is right is not known here, so both mends are told; this machine's is the likelier fault.
    private static func clock(_ seconds: Int64) -> Text {
        let amount = amount(seconds.magnitude)
        let isBehind = seconds > 0
        return Text(
            "注意：本机时间比服务器\(isBehind ? "慢" : "快")约 \(amount.zh)，命令上的时间和证书的有效期都会因此不准。请校准本机的日期和时间；"
                + "如果本机时间无误，请告知市局系统管理员。",
            "Note: this machine's clock is about \(amount.en) \(isBehind ? "behind" : "ahead of") the server's; times in commands and the validity of certificates go by it. "
                + "Set this machine's date and time; if they are right, tell the bureau's system administrator."
        )
    }

    /// The two largest units: nobody sets a clock by more.
    private static func amount(_ seconds: UInt64) -> Text {
        let (minutes, hours, days) = (seconds / 60, seconds / 3600, seconds / 86_400)
        if days > 0 { return Text("\(days) 天 \(hours % 24) 小时", "\(days) d \(hours % 24) h") }
        if hours > 0 { return Text("\(hours) 小时 \(minutes % 60) 分钟", "\(hours) h \(minutes % 60) min") }
        return Text("\(minutes) 分钟", "\(minutes) min")
    }
}
