import BureauTestSupport
import Crypto
import Exchange
import Journal
import Schema
import Synchronization
import TestSupport
import Testing
import Wire

@testable import Bureau

@Suite("DESIGN.md 6: the envelope and who gave it")
struct OriginTests {
    /// Everything of a record that says what happened, without how it came, when, and how it was sealed.
    private func meaning(_ entry: Recorded.Entry, _ desk: Desk) throws -> EventV1.Record {
        var record = try EventV1.Record(decoding: entry.body)
        let subject = try #require(ID128(record.subject))
        let key = try #require(desk.store.memory.keys[subject])
        try Sealer().open(&record.events, command: entry.id, key: key)
        for index in record.events.indices {
            record.events[index].forEachPersonal(under: .root) { (field: inout Personal, _) in
                field.sealed = []
            }
        }
        (record.target, record.subject, record.origin) = ([], [], [])
        var actor = try #require(record.actor)
        (actor.path, actor.handedInBy, actor.certificateSerial) = (.unspecified, "", [])
        record.actor = actor
        return record
    }

    /// The story of one request, each command signed by its officer: from a file (handed in by the bureau) or on the line.
    private func play(_ ca: TestCA, fromFile: Bool) throws -> [EventV1.Record] {
        let trust = SignatureTrust(try ca.trust())
        var town = try Town(signatures: trust)
        let (seeds, target) = (try town.recorded().commands.count, town.world.target())
        var version: UInt64 = 0
        for kind: CommandKind in [
            .submitRequest, .acceptRequest, .decideRequest, .assignRequest, .handBackRequest,
        ] {
            let officer = Filings.officer(kind)
            let actor = TownRoster.actor(officer)
            let holder = try ca.officer("twolists://\(actor.city)/\(actor.party)/officer/\(officer)")
            let envelope = town.desk.envelope(Filings.body(kind), by: officer, on: target, expecting: version)
            let signed = SignedEnvelope(
                envelope: envelope, signatureAlgorithm: holder.key.algorithm.name,
                signature: try holder.key.sign(EnvelopeReader.signatureDomain + envelope).bytes,
                certificate: holder.certificate.der)
            let reply = CaughtReply()
            let submission =
                fromFile
                ? try town.desk.reader.file(
                    signed, handedInBy: TownRoster.actor("b1a1"), address: Desk.call(officer).peer.address,
                    deadline: nil, reply: reply)
                : try town.desk.reader.line(
                    signed, call: Desk.call(officer), actor: actor, reply: reply)
            #expect(submission.path == (fromFile ? .file : .line))
            town.desk.turn([(.command(submission), reply)])
            town.desk.log.step()
            #expect(try Desk.answer(reply).outcome?.refusal == .unspecified)
            version += 1
        }
        try town.restart()
        let desk = town.desk
        return try town.recorded().commands.dropFirst(seeds).map { try meaning($0, desk) }
    }

    @Test func aCommandFromAFileGivesTheEventsOfTheLine() throws {
        let ca = try TestCA()
        let (line, file) = (try play(ca, fromFile: false), try play(ca, fromFile: true))
        #expect(line.count == 5 && line.allSatisfy { $0.events.count == 1 })
        #expect(line == file)
    }

    @Test func aSignatureMustFitItsBytes() throws {
        let ca = try TestCA()
        let town = try Town(signatures: SignatureTrust(try ca.trust()))
        let holder = try ca.officer("twolists://421300/county/421321/officer/k7f2")
        let envelope = town.desk.envelope(
            .submitRequest(Filings.submitLocal), by: "k7f2", on: town.world.target(), expecting: 0)
        var signed = SignedEnvelope(
            envelope: envelope, signatureAlgorithm: holder.key.algorithm.name,
            signature: try holder.key.sign(EnvelopeReader.signatureDomain + envelope).bytes,
            certificate: holder.certificate.der)
        #expect(fileStatus(town, signed) == nil)
        signed.envelope[signed.envelope.count - 1] ^= 1
        #expect(fileStatus(town, signed)?.code == .invalidArgument)
        signed.envelope = envelope
        signed.signature = try holder.key.sign(envelope).bytes
        #expect(fileStatus(town, signed)?.code == .invalidArgument, "signed without its domain")
        signed.signature = []
        #expect(fileStatus(town, signed)?.code == .invalidArgument, "a file without a signature")
    }

    private func fileStatus(
        _ town: Town, _ signed: SignedEnvelope, handedInBy officer: String = "b1a1"
    ) -> Status? {
        do throws(Status) {
            _ = try town.desk.reader.file(
                signed, handedInBy: TownRoster.actor(officer), deadline: nil, reply: CaughtReply())
            return nil
        } catch { return error }
    }

    private func trusted(_ envelope: [UInt8], of officer: String) -> SignedEnvelope {
        SignedEnvelope(
            envelope: envelope, signatureAlgorithm: "test", signature: [1], certificate: [UInt8](officer.utf8)
        )
    }

    @Test func onlyTheBureauHandsFilesIn() throws {
        let town = try Town()
        let envelope = town.desk.envelope(
            .submitRequest(Filings.submitUnit), by: "u7l1", on: town.world.target(), expecting: 0)
        #expect(fileStatus(town, trusted(envelope, of: "u7l1")) == nil)
        let refused = fileStatus(town, trusted(envelope, of: "u7l1"), handedInBy: "k7f2")
        #expect(refused?.code == .permissionDenied)
    }

    @Test func aSignatureOfAnotherOfficerIsRefusedOnTheLine() throws {
        let town = try Town()
        let envelope = town.desk.envelope(
            .submitRequest(Filings.submitUnit), by: "u7l1", on: town.world.target(), expecting: 0)
        for (signer, isTaken) in [("u7l1", true), ("u2l4", false)] {
            var refused: Status?
            do throws(Status) {
                // The signature was made under an earlier certificate: another serial, the same officer.
                var actor = TownRoster.actor("u7l1")
                actor.serial = [1, 2, 3]
                _ = try town.desk.reader.line(
                    trusted(envelope, of: signer), call: Desk.call("u7l1"), actor: actor, reply: CaughtReply()
                )
            } catch { refused = error }
            #expect((refused == nil) == isTaken)
        }
    }

    @Test func anOfficerOfAnotherCityIsRefused() throws {
        let town = try Town()
        let envelope = town.desk.envelope(
            .submitRequest(Filings.submitUnit), by: "u7l1", on: town.world.target(), expecting: 0)
        var actor = TownRoster.actor("u7l1")
        actor.city = "421200"
        #expect(throws: Status.self) {
            _ = try town.desk.reader.line(
                SignedEnvelope(envelope: envelope), call: Desk.call("u7l1"), actor: actor,
                reply: CaughtReply())
        }
    }

    @Test func anotherOfficersEnvelopeIsRefusedAndJournaled() throws {
        let town = try Town()
        let records = try town.recorded().commands.count
        let envelope = town.desk.envelope(
            .submitRequest(Filings.submitUnit), by: "u7l1", on: town.world.target(), expecting: 0)
        let answer = try town.desk.send(envelope, by: "u2l4")
        #expect(answer.outcome?.refusal == .notPermitted)
        #expect(answer.outcome?.arguments.contains { $0.value == "another-officers-envelope" } == true)
        let last = try #require(try town.recorded().commands.last)
        let record = try EventV1.Record(decoding: last.body)
        #expect(try town.recorded().commands.count == records + 1)
        #expect(record.actor?.officer == "u2l4" && record.events.isEmpty)
    }

    @Test func refusalsForLackOfRightAreLimited() throws {
        let town = try Town()
        let desk = town.desk
        let records = try town.recorded().commands.count
        func knock() -> Status? {
            status { () throws(Status) in
                try desk.give(.acceptRequest(AcceptRequest()), by: "b1q4", on: town.world.target())
            }
        }
        for _ in 0..<EngineLimits.refusalBurst { #expect(knock() == nil) }
        #expect(knock()?.code == .resourceExhausted)
        #expect(try town.recorded().commands.count == records + EngineLimits.refusalBurst)
        // Others are not held back, and after the interval there is one more.
        let other = try desk.give(.acceptRequest(AcceptRequest()), by: "x9x9", on: town.world.target())
        #expect(other.outcome?.refusal == .notPermitted)
        // Journal time may be some nanoseconds ahead of the wall clock: every record has a time of its own.
        town.world.advance(EngineLimits.refusalInterval + 1_000_000)
        #expect(knock() == nil)
        #expect(knock()?.code == .resourceExhausted)
        // The surplus is told by the next refusal that is recorded, once.
        let told = try town.recorded().commands.compactMap { command -> String? in
            let record = try EventV1.Record(decoding: command.body)
            return record.outcome?.arguments.first { $0.name == RefusalLimiter.argument }?.value
        }
        #expect(told == ["1"])
    }

    /// To whoever may not see a matter "no right" and "not there" are one answer, so both are held back.
    @Test func askingForWhatIsNotThereIsLimitedToo() throws {
        let town = try Town()
        func knock() -> Status? {
            status { () throws(Status) in
                try town.desk.give(.acceptRequest(AcceptRequest()), by: "b1a1", on: town.world.target())
            }
        }
        for _ in 0..<EngineLimits.refusalBurst { #expect(knock() == nil) }
        #expect(knock()?.code == .resourceExhausted)
    }

    /// Live connections are judged again by whoever asked to be told.
    @Test func aRosterChangeIsTold() throws {
        let town = try Town()
        let told = Mutex(0)
        town.desk.admission.onChange { told.withLock { $0 += 1 } }
        _ = try town.request()
        #expect(told.withLock { $0 } == 0, "a filing changes no roster")
        let suspend = SuspendOfficer(officer: "u7l1", suspended: true)
        let target = try #require(RosterTarget.of(Command(body: .suspendOfficer(suspend))))
        let answer = try town.desk.give(
            .suspendOfficer(suspend), by: "b1q4", on: target.bytes)
        #expect(answer.outcome?.refusal == .unspecified, "\(String(describing: answer.outcome))")
        #expect(told.withLock { $0 } == 1)
        let peer = Desk.call("u7l1").peer
        #expect(town.desk.admission.refusal(for: peer)?.message.contains("suspended") == true)
    }

    @Test func unknownFieldsAreRefused() throws {
        let town = try Town()
        let desk = town.desk
        let envelope = desk.envelope(
            .submitRequest(Filings.submitUnit), by: "u7l1", on: town.world.target(), expecting: 0)
        // Field 100, varint 1.
        let refused = status { () throws(Status) in try desk.send(envelope + [0xA0, 0x06, 0x01], by: "u7l1") }
        #expect(refused?.code == .invalidArgument)
        #expect(status { () throws(Status) in try desk.send(envelope, by: "u7l1") } == nil)
    }

    @Test(arguments: [(EngineLimits.envelopeBytes, true), (EngineLimits.envelopeBytes + 1, false)])
    func anEnvelopeMayHave256KiB(_ size: Int, _ isRead: Bool) throws {
        let town = try Town(segmentSize: 4 << 20)
        let desk = town.desk
        func envelope(_ padding: Int) -> [UInt8] {
            var request = Filings.submitUnit
            request.addressedTo = String(repeating: "x", count: padding)
            return desk.envelope(
                .submitRequest(request), by: "u7l1", on: town.world.target(), expecting: 0)
        }
        let bare = envelope(200_000).count - 200_000
        let whole = envelope(size - bare)
        #expect(whole.count == size)
        let (input, reply) = desk.submit(whole, by: "u7l1")
        #expect((input != nil) == isRead)
        #expect(reply.status?.code == (isRead ? nil : .invalidArgument))
        guard let input else { return }
        // It is judged (the party does not exist), journaled and read again.
        desk.engine.turn([input])
        desk.log.step()
        #expect(try Desk.answer(reply).outcome?.refusal == .wrongParty)
    }
}
