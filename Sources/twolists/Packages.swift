import Crypto
import Exchange
import Foundation
import Office
import Schema
import TwoListsClient

/// `twolists package make | open | status`: a party without a line works on this machine alone, the bureau with its server (PACKAGE.md 6).
extension Session {
    func packages() async throws(Stop) -> ExitCode {
        do {
            let desk = try PackageDesk(profile, takesExpired: line.has("expired"))
            return try await desk.folder.locked {
                for path in line.texts("reader") { try remember(path, desk) }
                switch line.name {
                case .packageMake: return try await make(desk)
                case .packageOpen: return try await open(desk)
                default: return try await status(desk)
                }
            }
        } catch {
            throw stop(error)
        }
    }

    /// What is wrong with a package is told here, with the condition that does not hold.
    private func stop(_ error: any Error) -> Stop {
        switch error {
        case let stop as Stop: return stop
        case let error as ClientError: return .client(error)
        case let error as FileError: return .file(error)
        case let error as CryptoError:
            return .file(FileError(profile.file, Text(error.chinese, error.description)))
        case let fault as PackageFault:
            if wantsJSON {
                Output.out(
                    JSON.object([
                        "verdict": .string(fault.condition), "detail": .string(fault.text[language]),
                    ]).pretty)
            }
            Output.complain(
                Text("没有导入任何内容。", "Nothing was imported. ")[language] + "\(fault.condition): "
                    + fault.text[language])
            return .exit(Self.code(of: fault))
        case let refused as PackageRefused:
            return .exit(show(CommandAnswer(outcome: refused.outcome), kind: "take_package", reference: ""))
        default:
            Output.complain("\(error)")
            return .exit(.internal)
        }
    }

    private static func code(of fault: PackageFault) -> ExitCode {
        switch fault {
        case .gap, .fork, .readable: .refusedByRule
        case .file, .noReader: .localFile
        default: .notProven
        }
    }

    private func remember(_ path: String, _ desk: PackageDesk) throws {
        let certificate = try Certificate.load(path: path)
        guard let party = PackageFolder.party(of: certificate, desk.trust(client.now)) else {
            throw FileError(
                path,
                Text("不是本市有效的人员证书", "it is no certificate of an officer of this city, or does not hold now"))
        }
        try desk.folder.remember(certificate, of: party)
    }

    private var units: UnitPackages {
        get throws {
            UnitPackages(
                try PackageDesk(profile, takesExpired: line.has("expired")), outbox: outbox,
                receipts: ReceiptFolder(path: profile.receiptsPath),
                kinds: KindShelf(folder: profile.batchesPath),
                batches: BatchFolder(folder: profile.batchesPath),
                proofs: try client.proofs(
                    revocationListPaths: profile.revocationsPath.map { [$0] } ?? []))
        }
    }

    private var bureau: String { "bureau/\(profile.city)" }

    // MARK: make

    private func make(_ desk: PackageDesk) async throws -> ExitCode {
        let receiver = desk.isOfBureau ? try await party("to") : bureau
        guard !receiver.isEmpty else {
            throw Stop.usage(
                UsageError(
                    problem: Text("请用 --to 写明送给哪个单位", "say with --to whom it is for"), command: line.name))
        }
        if let number = line.integer("again") {
            let path = place(PackageFolder.fileName(receiver, UInt64(number)))
            try desk.copyOut((receiver, UInt64(number)), to: path)
            return show(
                .object(["file": .string(path)]), [Text("已原样再制：\(path)", "made again: \(path)")[language]])
        }
        let facts =
            desk.isOfBureau ? try await makeAtBureau(desk, receiver) : try makeAtUnit(receiver)
        return try await hand(over: facts, desk, [], .object(["made": facts.json]))
    }

    private func makeAtUnit(_ receiver: String) throws -> PackageFacts {
        try units.make(
            to: receiver, now: client.now, id: try client.makeID(), days: days,
            sign: { envelope in try client.signed(envelope) })
    }

    private var days: Int64 { line.integer("days").map { Int64($0) } ?? PackageLimits.usualDays }

    private func makeAtBureau(_ desk: PackageDesk, _ receiver: String) async throws -> PackageFacts {
        let maker = BureauPackages(desk, client: client, timeout: timeout)
        // Kinds that cannot be had keep nothing else from going.
        let kinds = try? await knownKinds().told
        return try await maker.make(
            to: receiver, lists: Self.requestLists + Self.caseLists, kinds: kinds, days: days,
            id: try client.makeID())
    }

    /// Where a package goes: what `--out` says, a folder or a file.
    private func place(_ name: String) -> String {
        guard let out = line.text("out") else { return name }
        var isFolder: ObjCBool = false
        let isThere = FileManager.default.fileExists(atPath: out, isDirectory: &isFolder)
        return isThere && isFolder.boolValue ? (out as NSString).appendingPathComponent(name) : out
    }

    /// The package out of the folder, its sheet beside it, and what to tell.
    private func hand(
        over facts: PackageFacts, _ desk: PackageDesk, _ before: [String], _ json: JSON
    ) async throws -> ExitCode {
        let path = place(PackageFolder.fileName(facts.receiver, facts.number))
        try desk.copyOut((facts.receiver, facts.number), to: path)
        let sheet = facts.sheet(await partyNames(), language)
        let page = SheetHTML([sheet], printed: CivilDay(nanoseconds: client.now).text, language: language)
        do {
            try Data(page.text.utf8).write(to: URL(fileURLWithPath: path + ".html"), options: .atomic)
        } catch {
            throw FileError(path + ".html", Text("不能写入", "it cannot be written"))
        }
        let written = Text(
            "已存为 \(path)，交接单 \(path).html", "written: \(path), its sheet \(path).html")[language]
        return show(
            json.adding("file", .string(path)), before + sheet.shown(on: screen) + [written])
    }

    private func partyNames() async -> [String: String] {
        guard let page = try? await partyPage() else { return [:] }
        return Dictionary(page.parties.map { ($0.key, $0.name) }, uniquingKeysWith: { first, _ in first })
    }

    // MARK: open

    private func open(_ desk: PackageDesk) async throws -> ExitCode {
        guard !line.has("set-aside") else { return try await setAside(desk) }
        guard desk.isOfBureau else {
            let opened = try units.open(key, now: client.now)
            remember(opened.answers.map { ($0.answer.target, $0.answer.version, $0.answer.number) })
            _ = show(json(opened), await told(opened))
            return opened.wrong.isEmpty ? .done : .notProven
        }
        let maker = BureauPackages(desk, client: client, timeout: timeout)
        let opened = try await maker.open(key)
        let waiting = try await settled(opened.submitted, maker)
        let facts = try await makeAtBureau(desk, opened.facts.sender)
        let back = [
            "", Text("回程交换包：", "The package that goes back:")[language],
        ]
        return try await hand(
            over: facts, desk, await told(opened) + waiting + back, json(opened).adding("made", facts.json))
    }

    private func setAside(_ desk: PackageDesk) async throws -> ExitCode {
        guard desk.isOfBureau else {
            let aside = try units.setAside(key, now: client.now)
            let next = Text(
                "请制作一个交换包送市局(package make)：市局随后的一包会把全部内容重新送来。",
                "Make a package for the bureau (package make): the one that comes back tells everything again."
            )
            return show(json(setAside: aside), asideLines(aside) + [next[language]])
        }
        let aside = try await BureauPackages(desk, client: client, timeout: timeout).setAside(key)
        let facts = try await makeAtBureau(desk, aside.facts.sender)
        let back = Text(
            "回程交换包(对方打开后，没有答复的命令会随下一包重新送来)：",
            "The package that goes back (once it is opened there, what was not answered comes again):")
        return try await hand(
            over: facts, desk, asideLines(aside) + ["", back[language]],
            json(setAside: aside).adding("made", facts.json))
    }

    private func asideLines(_ aside: OpenedPackage) -> [String] {
        let facts = aside.facts
        let done =
            aside.isAgain
            ? Text("以前打开过或记过未读，没有改动。", "it was opened or set aside before; nothing was changed.")
            : Text(
                "已记为未读，没有办理其中任何内容；以后找到能打开它的证书，仍可打开。",
                "it is set aside, and nothing in it was done; should a key for it be found, it can still be opened."
            )
        return [
            Text(
                "\(facts.sender) 第\(facts.number)包(校验码 \(facts.code))：\(done.zh)",
                "package \(facts.number) of \(facts.sender) (check code \(facts.code)): \(done.en)")[language]
        ]
    }

    private func json(setAside aside: OpenedPackage) -> JSON {
        .object(["set_aside": aside.facts.json, "again": .bool(aside.isAgain)])
    }

    /// Waits for the check of the batches that came, so that their answers go back at once; what to say of those that are still under way.
    private func settled(_ batches: [[UInt8]], _ maker: BureauPackages) async throws -> [String] {
        guard !batches.isEmpty else { return [] }
        var told = 0
        let left = try await maker.settle(batches) { count in
            guard count != told else { return }
            told = count
            Output.complain(
                Text("正在核验：还有\(count)批", "being checked: \(count) batches are left")[language])
        }
        guard !left.isEmpty else { return [] }
        return [
            Text(
                "\(left.count)批尚未核验完，答复随下一个交换包送回(package make --to)",
                "\(left.count) batches are not checked yet: their answers go with the next package (package make --to)"
            )[
                language]
        ]
    }

    private func told(_ opened: OpenedPackage) async -> [String] {
        var lines = opened.facts.sheet(await partyNames(), language).shown(on: screen)
        if opened.isAgain {
            lines.append(
                Text("这一包以前打开过，没有重复办理。", "It was opened before; nothing was done twice.")[language])
        }
        for answered in opened.answers {
            lines += ViewsText(screen).answer(
                answered.answer, kind: answered.kind, reference: PhoneReference.of(answered.answer.target))
        }
        let text = BatchText(screen)
        for view in opened.batches { lines += [text.headline(view)] + text.lines(view).map { "  " + $0 } }
        for wrong in opened.wrong { lines.append(told(wrong)) }
        for (id, why) in opened.unjudged {
            lines.append(
                Text("未能办理 ", "not judged: ")[language] + String(Hex.encode(id).prefix(16)) + " "
                    + why[language])
        }
        return lines
    }

    private func told(_ wrong: WrongItem) -> String {
        screen.paint("✗ ", .red)
            + Text(
                "\(wrong.what.zh)不予采信，没有改动任何内容：\(wrong.why.zh)。请保留这张光盘并告知市局。",
                "\(wrong.what.en) is not believed and changed nothing: \(wrong.why.en). Keep this disc and tell the bureau."
            )[
                language]
    }

    private func json(_ opened: OpenedPackage) -> JSON {
        .object([
            "opened": opened.facts.json, "again": .bool(opened.isAgain),
            "answers": .array(opened.answers.map(\.answer.json)),
            "unjudged": .array(opened.unjudged.map { .hex($0.id) }),
            "batches": .array(opened.batches.map(\.json)),
            "wrong": .array(
                opened.wrong.map {
                    .object(["what": .string($0.what[language]), "why": .string($0.why[language])])
                }),
        ])
    }

    // MARK: status

    private func status(_ desk: PackageDesk) async throws -> ExitCode {
        let ledgers =
            desk.isOfBureau
            ? try await client.packageLedgers(timeout: timeout).ledgers : try desk.folder.ledgers()
        let rows = ledgers.sorted { ($0.party, $0.direction.rawValue) < ($1.party, $1.direction.rawValue) }
        let names = await partyNames()
        return show(
            .object(["ledgers": .array(rows.map(\.json))]),
            PackageStatusText(screen, isOfBureau: desk.isOfBureau, names: names).lines(rows))
    }
}

extension JSON {
    /// This object with one more member.
    fileprivate func adding(_ key: String, _ value: JSON) -> JSON {
        guard case .object(let members) = self else { return self }
        return .object(members + [Member(key, value)])
    }
}
