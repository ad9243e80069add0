import Schema
import TestSupport
import Testing
import TwoListsClient
import Wire

@testable import Office
@testable import RPC

@Suite("The catalogue of texts is complete")
struct CatalogTests {
    private static let arguments = [
        Argument(name: "command", value: "accept_request"), Argument(name: "role", value: "approver|clerk"),
        Argument(name: "expected", value: "3"), Argument(name: "current", value: "5"),
        Argument(name: "state", value: "submitted"), Argument(name: "field", value: "text.title"),
        Argument(name: "why", value: "too-long"), Argument(name: "max", value: "80"),
        Argument(name: "rule", value: "coordinates"), Argument(name: "code", value: "x1"),
        Argument(name: "party", value: "county/421321"), Argument(name: "clause", value: "第三条"),
        Argument(name: "table", value: "spouse-priority"),
    ]

    @Test(
        "every refusal says what is wrong and how to mend it, in both languages", arguments: Refusal.allCases)
    func refusals(refusal: Refusal) throws {
        if refusal == .unspecified { return }
        for arguments in [Self.arguments, []] {
            let text = try #require(Outcome(refusal: refusal, arguments: arguments).explanation())
            for language in Language.allCases {
                #expect(!text.wrong[language].isEmpty && !text.mend[language].isEmpty)
            }
            #expect(text.wrong.zh.unicodeScalars.contains { $0.value >= 0x4E00 })
            #expect(text.mend.zh.unicodeScalars.contains { $0.value >= 0x4E00 })
            #expect(
                !text.wrong.en.unicodeScalars.contains { (0x4E00...0x9FFF).contains($0.value) }
                    || !arguments.isEmpty)
        }
    }

    @Test("refusals show their arguments by name")
    func shown() {
        func line(_ refusal: Refusal) -> String {
            Outcome(refusal: refusal, arguments: Self.arguments).explanation()?.line(.zh) ?? ""
        }
        #expect(line(.fieldInvalid) == "“标题”填写有误：内容过长(最多80)。请改正后再提交。")
        #expect(line(.wrongState) == "当前状态“已提报”下不能“受理”。请用 show 查看“可办操作”一栏。")
        let ofBureau = Outcome(
            refusal: .notPermitted,
            arguments: [
                Argument(name: "command", value: "register_officer"), Argument(name: "of", value: "bureau"),
                Argument(name: "role", value: "security_admin"),
            ])
        #expect(ofBureau.explanation()?.mend.zh == "只有市局的“安全管理员”可以办理")
        #expect(line(.versionConflict).contains("第3版") && line(.versionConflict).contains("第5版"))
        #expect(line(.notPermitted).contains("经办") && line(.notPermitted).contains("审批"))
        #expect(line(.classifiedText).contains(classifiedNotice))
    }

    @Test(
        "a field is called what it means in the command that was refused",
        arguments: [
            ("submit_batch", "批次号", "batch number"), ("take_package", "包号", "package number"),
            ("finish_package", "包号", "package number"), ("settle_objection", "异议号", "objection"),
            ("", "编号", "number"), ("submit_request", "编号", "number"),
        ])
    func fieldOfCommand(command: String, chinese: String, english: String) throws {
        let arguments = [Argument(name: "field", value: "number"), Argument(name: "code", value: "x")]
        for refusal in [Refusal.fieldMissing, .fieldInvalid, .classifiedText, .unknownCode] {
            let outcome = Outcome(refusal: refusal, arguments: arguments)
            let text = try #require(outcome.explanation(of: command))
            #expect(text.wrong.zh.contains("“\(chinese)”") && text.wrong.en.contains("“\(english)”"))
            // As a clerk reads it behind the command.
            let shown = ViewsText(Screen(language: .zh, columns: 80)).answer(
                CommandAnswer(outcome: outcome), kind: command, reference: "")
            #expect(shown.first?.contains("“\(chinese)”") == true)
        }
    }

    @Test("a refusal of a later version, and arguments that would steer the terminal, are shown harmlessly")
    func unknown() throws {
        let later = try #require(Outcome(refusal: .unrecognized(99)).explanation())
        #expect(later.wrong.zh.contains("99"))
        let nasty = Outcome(refusal: .unknownCode, arguments: [Argument(name: "code", value: "\u{1B}[31m")])
        #expect(try #require(nasty.explanation()).wrong.zh.contains("\u{1B}") == false)
    }

    @Test("every value of every shown enum has a name in both languages")
    func enums() {
        func check<Value: Named>(_ type: Value.Type) {
            for value in type.allCases where value.rawValue != 0 {
                for language in Language.allCases {
                    let text = value.text?[language] ?? ""
                    #expect(!text.isEmpty, "\(value)")
                }
                #expect(!value.code.isEmpty && value.code == value.code.lowercased())
            }
            #expect(Value(number: 9999).name(.zh).contains("9999"))
        }
        check(Direction.self)
        check(Wave.self)
        check(RequestState.self)
        check(CaseState.self)
        check(Decision.self)
        check(ResultGrade.self)
        check(Satisfaction.self)
        check(Role.self)
        check(Light.self)
        check(SupervisionStep.self)
        check(PartyKind.self)
        check(SavedView.self)
        check(OpenQuestion.self)
        #expect(RequestState.inProgress.code == "in_progress")
    }

    @Test("every command of the schema has a name, and every field of a command one")
    func commands() {
        for field in Command.protoFields {
            #expect(CommandNames.known.contains(field.name), "\(field.name)")
            guard case .message(let type) = field.kind else { continue }
            for inner in type.protoFields {
                #expect(FieldNames.of(inner.name, .zh) != inner.name, "\(field.name).\(inner.name)")
            }
        }
    }

    @Test("the words rules give as reasons are known")
    func reasons() {
        let words = [
            "empty", "fifteen-digits", "length", "not-a-digit", "birth-date", "check-character", "too-long",
            "control-character",
            "out-of-range", "no-such-day", "past", "unspecified", "not-yet-offered", "repeated", "malformed",
            "mismatch",
            "too-many", "no-catch-all", "not-later", "no-such-item", "itself", "given-up",
            "unknown", "frozen-late", "other-party", "suspended", "no-roles",
        ]
        for word in words { #expect(FieldProblems.known.contains(word), "\(word)") }
    }

    /// What the server sends of a refusal that was not judged.
    private func told(_ code: StatusCode, _ reason: String, _ english: String, _ chinese: String)
        -> ClientError
    {
        let info = GoogleRPC.ErrorInfo(reason: reason, domain: "twolists")
        let local = GoogleRPC.LocalizedMessage(locale: "zh-CN", message: chinese)
        let status = Status(
            code, english,
            details: [
                StatusDetail(typeURL: "type.googleapis.com/google.rpc.ErrorInfo", value: info.encoded()),
                StatusDetail(
                    typeURL: "type.googleapis.com/google.rpc.LocalizedMessage", value: local.encoded()),
            ], notProcessed: true)
        return ClientError(.server, .call, .status(status), server: "a:1", detail: english)
    }

    @Test("the server's Chinese is shown to clerks, its English with --lang en")
    func localized() {
        let error = told(.permissionDenied, "X", "only officers of the bureau may", "只有市局人员可以")
        #expect(error.failureText.lines(.zh) == ["没有权限：只有市局人员可以。", "请检查：本人角色(twolists whoami)。"])
        #expect(error.failureText.lines(.en)[0] == "not permitted: only officers of the bureau may.")
    }

    /// What a server's transport says, one of each reason and text.
    static let transport: [Status] = [
        .serviceUnknown("no.Such"), .methodUnknown("a.B", "C"), .shapeMismatch("streams; open it otherwise"),
        .unreadable(.truncated), .unreadable(.tooManyMetadata(limit: 64)),
        .unreadable(.metadataTooLarge(limit: 16_384)),
        .unreadable(.fieldTooLong("service", bytes: 256, limit: 255)), .healthServiceUnknown,
        .messageTooLarge("the Request is too large", bytes: 9, limit: 8),
        .answerTooLarge("the answer is too large", bytes: 9, limit: 8), .streamsLimited(128), .memoryShort,
        .memoryShortForMessages, .memoryShortForAnswers, .memoryShortForWaiting, .readerTooSlow(9),
        .sentTooLate, .deadlinePassed, .notTaken("it is being maintained"), .cutOff("it is being maintained"),
        .callDropped,
    ]

    @Test("a clerk reads Chinese of every status of the transport, and English with --lang en only")
    func transportTexts() {
        #expect(
            Set(Self.transport.compactMap(\.errorReason)) == Set(TransportReason.allCases.map(\.rawValue)))
        for status in Self.transport {
            let error = ClientError(.server, .call, .status(status), server: "a:1", detail: status.message)
            let lines = error.failureText.lines(.zh)
            #expect(lines.count == 2 && englishSentence(in: lines.joined()) == nil, "\(lines)")
            let english = error.failureText.lines(.en).joined()
            #expect(!english.unicodeScalars.contains { $0.value >= 0x4E00 }, "\(english)")
            if status.code == .notFound { continue }
            #expect(lines[0].contains(status.localized ?? "?"), "\(lines)")
            #expect(english.contains(status.message))
        }
    }

    @Test("a size that is refused is not sent again from the outbox, a limit that passes is")
    func lastingLimits() {
        func error(_ status: Status) -> ClientError { ClientError(.server, .call, .status(status)) }
        let size = error(.messageTooLarge("the Request is too large", bytes: 9, limit: 8))
        #expect(!size.isWorthRetrying && size.failureText.exit == .usage)
        #expect(size.failureText.lines(.zh)[0].hasPrefix("内容超过上限：发送的内容过大(9字节)"))
        #expect(!size.outboxText(id: "0", reference: "").zh.contains("outbox send"))
        let passing = error(.streamsLimited(128))
        #expect(passing.isWorthRetrying && passing.failureText.exit == .overloaded)
    }

    @Test("English that came without Chinese stands apart from the sentence")
    func technical() {
        for reason: ClientError.Reason in [
            .configuration, .badCommand, .badAnswer, .tlsFailed, .notThisProtocol,
            .serverCertificateRefused(why: "it is not to be trusted"),
            .status(Status(.unimplemented, "there is no such method")),
        ] {
            let text = ClientError(.server, .call, reason, server: "a:1", detail: "what went wrong below")
                .failureText
            #expect(englishSentence(in: text.happened.zh + text.check.zh) == nil, "\(text.happened.zh)")
            #expect(text.lines(.zh).last?.hasPrefix("技术信息(供系统管理员)：") ?? false)
            #expect(!text.lines(.en).contains { $0.hasPrefix("技术信息") })
        }
    }

    @Test("an id outside its window is filled in anew, never sent again")
    func outsideWindow() {
        let chinese = "本机时间可能不对，请校准后重新填写"
        let error = told(.failedPrecondition, "ID_OUTSIDE_WINDOW", "the id is dated outside", chinese)
        #expect(!error.isWorthRetrying)
        #expect(error.failureText.lines(.zh)[0] == "这条命令不能再发送：\(chinese)。")
        #expect(error.failureText.exit == .localFile)
        #expect(!error.failureText.lines(.en).joined().contains("read-only"))
        let text = error.outboxText(id: "0123", reference: "431T-1XK4-P")
        #expect(text.zh.contains("重新填写") && text.zh.contains("outbox drop 0123"))
        #expect(!text.zh.contains("outbox send") && !text.en.contains("outbox send"))
        let other = told(.failedPrecondition, "READ_ONLY", "the server is read-only", "目前只读")
        #expect(other.isWorthRetrying && other.outboxText(id: "0", reference: "").zh.contains("outbox send"))
    }

    @Test("a refused connection of an officer tells what the roster says")
    func roster() {
        for (code, words) in [("OFFICER_SUSPENDED", "您的账号已停用"), ("OFFICER_NOT_REGISTERED", "名册上没有您")] {
            let alert = "access denied: \(code): officer twolists://x is not to be let in"
            let text = ClientError(.server, .hello, .certificateRefused(alert: alert), server: "a:1")
                .failureText
            #expect(text.lines(.zh) == ["服务器拒绝了您的证书：身份不被允许：\(words)。", "请检查：请联系安全管理员。"])
            #expect(text.lines(.en)[0].contains("is not to be let in"))
        }
    }

    @Test("every failure of a call says where, what to check, and has an exit code")
    func failures() {
        let reasons: [ClientError.Reason] = [
            .configuration, .nameNotResolved, .connectionRefused, .unreachable, .connectTimeout,
            .certificateRefused(alert: "certificate_expired"),
            .serverCertificateRefused(why: "unknown issuer"), .tlsFailed,
            .notThisProtocol, .connectionLost(mayHaveRun: true), .connectionLost(mayHaveRun: false),
            .deadlineExceeded,
            .cancelled, .closed, .badAnswer, .badCommand,
        ]
        for reason in reasons + StatusCode.allCases.map({ .status(Status($0, "x")) }) {
            let text = ClientError(.server, .call, reason, server: "10.0.0.1:7443", detail: "d").failureText
            for language in Language.allCases {
                #expect(!text.happened[language].isEmpty && !text.check[language].isEmpty)
            }
            #expect(text.exit != .done)
        }
        let expired = ClientError(
            .server, .hello, .certificateRefused(alert: "certificate_expired"), server: "a:1")
        #expect(expired.failureText.lines(.zh)[0] == "服务器拒绝了您的证书：证书已过期(certificate_expired)。")
        #expect(expired.failureText.exit == .tlsRefused)
        #expect(expired.place.zh == "服务器·协议握手(HELLO)")
    }
}
