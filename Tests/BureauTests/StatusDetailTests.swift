import BureauTestSupport
import Crypto
import Exchange
import Foundation
import Journal
import Schema
import TestSupport
import Testing
import Wire

@testable import Bureau

@Suite("DESIGN.md 5 errors carry the standard details")
struct StatusDetailTests {
    private static let failure = CryptoError.library(operation: "seal", reason: "it cannot be set up")

    /// Every status the bureau makes.
    static let statuses: [Status] = [
        .commandTooLate, .readTooLate, .journalBehind, .serverBusy, .serverStopping,
        .readOnlyDiskFull(.diskFull(path: "/srv/journal")), .sealingFailed(failure), .watchersFull,
        .tooManyWatches,
        .tooManyRefusals,
        .idOutsideWindow, .idReused, .suspended("twolists://421300/county/421321/officer/k7f2"),
        .notRegistered("twolists://421300/county/421321/officer/k7f2"), .notActive(TownRoster.actor("k7f2")),
        .rightsChanged, .noOfficer([UInt8]("twolists://421300/server".utf8)), .importNotPermitted,
        .packagesNotPermitted,
        .officerOfOtherCity("421300"), .envelopeOfOtherCity("421300"), .signedByAnother, .signatureRequired,
        .signatureDoesNotFit, .signatureInvalid(failure),
        .signatureInvalid(TrustError.expired(at: 2, notAfter: 1)),
        .signatureInvalid(TrustError.revocationUnknown("the list is out of date")),
        .tooLarge("envelope", 300_000, 262_144), .malformed("envelope.id must be a UUIDv7", "envelope.id"),
        .malformed(Envelope.self, WireError(.truncated, offset: 1, path: [9]), as: "envelope"),
        .methodUnknown("Nothing"), .notFound("request"), .historyShorter(7), .codeListUnknown,
        .badPage(.pageSize(-1)), .badPage(.search),
        .auditorOnly, .badTrailPage("cursor"), .trailUnreadable(JournalError.misuse("closed")),
        .copyFailed(JournalError.misuse(String(repeating: "x", count: 2_000))),
        .badPage(.cursor(.malformed)), .badPage(.cursor(.ofAnotherList)),
        .badPeriod("from"), .reportTooLarge, .caseworkOnly, .adminNotPermitted,
        .reloadRefused(AdminTests.faults), .tooMuchPending, .noRoomForBatches, .batchNotStored, .tooSlow,
        .batchesUnavailable("no disk"), .attachmentNotStored, .attachmentDiffers, .uploadClosed,
        .personNotPermitted,
    ]

    private func detail<M: Message>(_ type: M.Type, of status: Status) throws -> M? {
        try status.details.first { $0.typeURL == "type.googleapis.com/" + M.protoName }
            .map { try M(decoding: $0.value) }
    }

    @Test("ErrorInfo and LocalizedMessage, each with what it is for", arguments: statuses)
    func both(_ status: Status) throws {
        let info = try #require(try detail(GoogleRPC.ErrorInfo.self, of: status))
        #expect(info.domain == "twolists" && StatusReason(rawValue: info.reason) != nil, "\(info)")
        let local = try #require(try detail(GoogleRPC.LocalizedMessage.self, of: status))
        #expect(local.locale == "zh-CN")
        #expect(local.message.unicodeScalars.contains { $0.value >= 0x4E00 }, "\(local)")
        #expect(englishSentence(in: local.message) == nil, "\(local.message)")
        // `case(label: "value")` is what Swift prints of a value, no words.
        #expect(!status.message.contains(#/\(\w+: "/#), "\(status.message)")
        #expect(!status.isOK && !status.message.isEmpty && status.message.utf8.allSatisfy { $0 < 0x80 })
    }

    @Test("every reason is in use, and is UPPER_SNAKE")
    func reasons() throws {
        let used = try Set(Self.statuses.compactMap { try detail(GoogleRPC.ErrorInfo.self, of: $0)?.reason })
        #expect(used == Set(StatusReason.allCases.map(\.rawValue)))
        let letters = Set("ABCDEFGHIJKLMNOPQRSTUVWXYZ_")
        #expect(used.allSatisfy { $0.allSatisfy(letters.contains) })
    }

    @Test("what is taken a little later says when, and what never is does not")
    func retry() throws {
        for status in Self.statuses {
            let isBusy = status.code == .unavailable || status.code == .resourceExhausted
            let delay = try detail(GoogleRPC.RetryInfo.self, of: status)?.retryDelay
            #expect((delay != nil) == isBusy, "\(status)")
        }
        let delay = try #require(try detail(GoogleRPC.RetryInfo.self, of: .tooManyRefusals)?.retryDelay)
        #expect(delay.seconds == 10 && delay.nanos == 0)
    }

    @Test("a full disk is told in words, with the disk and the mend", arguments: ["/srv/journal", ""])
    func diskFull(path: String) throws {
        let status = Status.readOnlyDiskFull(.diskFull(path: path))
        let place = path.isEmpty ? "" : " of \(path)"
        #expect(
            status.message
                == "READ_ONLY_DISK_FULL: no room on the disk\(place): make room and filing goes on by itself; "
                + "reading goes on, nothing was lost")
        let local = try #require(try detail(GoogleRPC.LocalizedMessage.self, of: status)).message
        #expect(local.contains("磁盘已满") && local.contains("腾出空间后自动恢复"), "\(local)")
        // The server's directories are not the clerks' business.
        #expect(path.isEmpty || !local.contains(path))
    }

    @Test("PROTOCOL.md 9.3: each reason with the codes of its row, and RetryInfo where the row says later")
    func table() throws {
        var said: [String: Set<String>] = [:]
        for status in Self.statuses {
            let reason = try #require(status.errorReason)
            said[reason, default: []].insert(status.code.name)
            #expect(try ReasonRow.of(status).fits(status), "\(status)")
        }
        for row in try ReasonRow.table() {
            guard let codes = said[row.reason] else { continue }
            #expect(codes == Set(row.codes), "\(row)")
        }
    }

    @Test("a field at fault is named by its path")
    func field() throws {
        let status = Status.malformed(
            Envelope.self, WireError(.truncated, offset: 1, path: [1]), as: "envelope")
        let request = try #require(try detail(GoogleRPC.BadRequest.self, of: status))
        #expect(request.fieldViolations.map(\.field) == ["id"])
        #expect(request.fieldViolations.first?.localizedMessage?.locale == "zh-CN")
    }

    @Test("no status is made without them: what an officer may meet comes from StatusDetails.swift")
    func onePlace() throws {
        let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent().appendingPathComponent("Sources/Bureau").path
        // A seed file is the operator's, and the other is a defect of ours.
        let exceptions = ["holds no command\")", "watch is a stream"]
        for name in try FileManager.default.subpathsOfDirectory(atPath: folder)
        where name.hasSuffix(".swift") && name != "StatusDetails.swift" {
            let text = try String(contentsOfFile: folder + "/" + name, encoding: .utf8)
            for line in text.split(separator: "\n")
            where line.contains("Status(") && !line.contains("throws(Status)") {
                #expect(exceptions.contains { line.contains($0) }, "\(name): \(line)")
            }
        }
    }

    @Test("a command with an id of long ago is told so")
    func outsideWindow() throws {
        let town = try Town()
        let old = CommandID.make(milliseconds: 1, random: ID128(high: 1, low: 2))
        let envelope = town.desk.envelope(
            .submitRequest(Filings.submitLocal), by: "k7f2", on: town.world.target(), expecting: 0, id: old)
        let (input, reply) = town.desk.submit(envelope, by: "k7f2")
        town.desk.turn([(input, reply)])
        let status = try #require(reply.status)
        #expect(status == .idOutsideWindow && status.notProcessed)
        #expect(try detail(GoogleRPC.ErrorInfo.self, of: status)?.reason == "ID_OUTSIDE_WINDOW")
    }
}
