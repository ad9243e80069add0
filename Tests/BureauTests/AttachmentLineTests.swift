import BureauTestSupport
import Crypto
import Exchange
import Journal
import Schema
import Testing
import Wire

@testable import Bureau

@Suite("ATTACHMENT.md: a scanned document from its first chunk to its erasure")
struct AttachmentLineTests {
    private func town(_ seed: UInt64) throws -> BatchTown {
        let town = try BatchTown(seed: seed)
        town.settle()
        return town
    }

    @Test("attached to a request, listed with it, and fetched as it was")
    func request() throws {
        let town = try town(701)
        let target = try town.request()
        let file = SentFile(3, bytes: 4_321)
        town.send(file, by: "u7l1")
        #expect(try town.attach(file.command, to: target, by: "u7l1").refusal() == .unspecified)
        let view = try #require(town.attachments(of: target, by: "b1a1").first)
        #expect(
            view.name == file.name && view.bytes == 4_321 && view.type == .pdf && view.party == "unit/LU-07")
        #expect(view.sha256 == Digest(of: file.bytes).bytes)
        let reply = town.fetch(file.id, of: target, by: "b1a1")
        #expect(reply.status?.isOK == true)
        let (head, bytes) = try reply.file()
        #expect(head?.sha256 == Digest(of: file.bytes).bytes && bytes == file.bytes)
        // Nobody else learns that there is one.
        #expect(town.fetch(file.id, of: target, by: "u2l4").status?.code == .notFound)
        #expect(town.notices.all.isEmpty)
    }

    @Test(
        "it is not judged before every chunk is stored, nor when it is something else than the command says")
    func notStored() throws {
        let town = try town(702)
        let target = try town.request()
        let file = SentFile(3, bytes: 3_000)
        #expect(town.attach(file.command, to: target, by: "u7l1").status?.code == .failedPrecondition)
        town.send(file, by: "u7l1")
        for wrong in ["sha256", "bytes", "type"] {
            var command = file.command
            switch wrong {
            case "sha256": command.sha256[0] ^= 1
            case "bytes": command.bytes -= 1
            default: (command.type, command.fileName) = (.png, "a.png")
            }
            #expect(town.attach(command, to: target, by: "u7l1").status?.code == .invalidArgument, "\(wrong)")
        }
        // Another party's upload is another one, whatever its id.
        #expect(town.attach(file.command, to: target, by: "b1a1").status?.code == .failedPrecondition)
        #expect(town.attachments(of: target, by: "u7l1").isEmpty)
        let envelope = town.desk.envelope(
            .attachEvidence(file.command), by: "u7l1", on: target, expecting: town.desk.version(of: target))
        #expect(try town.execute(envelope, by: "u7l1").refusal() == .unspecified)
        // The same command again: its answer.
        let again = try CommandAnswer(
            decoding: try #require(town.execute(envelope, by: "u7l1").payload))
        #expect(again.repeated)
    }

    @Test("what was attached takes no more chunks, and is still there after a month and a restart")
    func kept() throws {
        let town = try town(703)
        let target = try town.request()
        let (file, other) = (SentFile(3, bytes: 2_500), SentFile(4, bytes: 2_500))
        town.send(file, by: "u7l1")
        town.send(other, by: "u7l1")
        #expect(try town.attach(file.command, to: target, by: "u7l1").refusal() == .unspecified)
        town.settle()
        #expect(town.put([1, 2, 3], of: file.id, by: "u7l1")?.code == .failedPrecondition)
        // Resuming asks for what is there, and may put it again.
        #expect(town.put(file.chunks[0], of: file.id, by: "u7l1")?.isOK == true)
        town.world.advance(31 * 86_400_000_000_000)
        try town.crash()
        town.settle()
        #expect(try town.fetch(file.id, of: target, by: "u7l1").file().bytes == file.bytes)
        #expect(try town.disk.root.subdirectory("chunks").list().count == file.chunks.count + 1)
        #expect(town.attach(other.command, to: target, by: "u7l1").status?.code == .failedPrecondition)
    }

    @Test("erasing the matter destroys every attachment: no key, no file, nothing that says anything")
    func erasure() throws {
        for isCase in [false, true] {
            let town = try town(isCase ? 704 : 705)
            let target = isCase ? try town.familyCase() : try town.request()
            var files = [SentFile(3, bytes: 2_500), SentFile(4, bytes: 900)]
            for index in files.indices {
                files[index].kind = isCase ? "marriage" : ""
                town.send(files[index], by: "u7l1")
                #expect(
                    try town.attach(files[index].command, to: target, by: "u7l1").refusal() == .unspecified)
            }
            #expect(try !town.files(["chunks"]).isEmpty)
            // Before: the bytes are on the disk under the upload's key, and can be read by it.
            #expect(try town.fetch(files[0].id, of: target, by: "b1a1").file().bytes == files[0].bytes)
            let keys = try town.files(["keys/batches"])
            try town.desk.give(isCase ? .withdrawCase : .withdrawRequest, on: target)
            let erase: Command.OneOf_Body =
                isCase ? .eraseCase(EraseCase(basis: "七号")) : .eraseRequest(EraseRequest(basis: "七号"))
            let envelope = town.desk.envelope(
                erase, by: "b1s2", on: target, expecting: town.desk.version(of: target))
            #expect(try town.execute(envelope, by: "b1s2").refusal() == .unspecified)
            for _ in 0..<2 {
                #expect(try town.disk.root.subdirectory("chunks").list().isEmpty)
                for file in files {
                    #expect(town.fetch(file.id, of: target, by: "b1a1").status?.code == .notFound)
                    let upload = town.upload(file.id, of: "unit/LU-07")
                    #expect(try town.thread.memory.keys.key(upload) == nil)
                }
                let views = town.attachments(of: target, by: "b1a1")
                #expect(views.map(\.name) == [PersonalText.erasedText, PersonalText.erasedText])
                #expect(views.allSatisfy { $0.sha256.isEmpty })
                try town.crash()
                town.settle()
            }
            #expect(try town.files(["keys/batches"]) != keys)
            let places = ["batches", "chunks", "keys/batches"]
            for bytes in try town.files(places) + TownDisk.files(town.disk).map(\.bytes) {
                #expect(!contains(bytes, SentFile.mark) && !contains(bytes, files[0].name))
            }
        }
    }

    @Test("an erasure whose files were not removed yet is finished at the next start")
    func erasureCutOff() throws {
        let town = try town(706)
        let target = try town.request()
        let file = SentFile(3, bytes: 2_500)
        town.send(file, by: "u7l1")
        #expect(try town.attach(file.command, to: target, by: "u7l1").refusal() == .unspecified)
        try town.desk.give(.withdrawRequest, on: target)
        // Durable, and the power goes before the batches' thread hears of it.
        try town.desk.give(.eraseRequest, on: target)
        #expect(try !town.disk.root.subdirectory("chunks").list().isEmpty)
        try town.crash()
        town.settle()
        #expect(try town.disk.root.subdirectory("chunks").list().isEmpty)
        #expect(try town.thread.memory.keys.key(town.upload(file.id, of: "unit/LU-07")) == nil)
    }

    @Test("of a case, every look is on record; a request's is not")
    func noticed() throws {
        let town = try town(707)
        let (request, held) = (try town.request(), try town.familyCase())
        var files = [SentFile(3, bytes: 500), SentFile(4, bytes: 500)]
        files[1].kind = "marriage"
        for (file, target) in zip(files, [request, held]) {
            town.send(file, by: "u7l1")
            #expect(try town.attach(file.command, to: target, by: "u7l1").refusal() == .unspecified)
        }
        let before = town.desk.log.durable.sequence
        #expect(town.fetch(files[0].id, of: request, by: "b1a1").status?.isOK == true)
        #expect(town.desk.log.durable.sequence == before)
        #expect(town.fetch(files[1].id, of: held, by: "b1a1").status?.isOK == true)
        #expect(town.desk.log.durable.sequence == before + 1)
    }

    @Test("twenty of a matter, and no twenty-first; twenty MiB and not a byte more")
    func limits() throws {
        let town = try town(708)
        let target = try town.request()
        for number in 0..<AttachmentLimits.ofMatter {
            let file = SentFile(UInt8(100 + number), bytes: 100)
            town.send(file, by: "u7l1")
            #expect(try town.attach(file.command, to: target, by: "u7l1").refusal() == .unspecified)
        }
        let more = SentFile(99, bytes: 100)
        town.send(more, by: "u7l1")
        #expect(try town.attach(more.command, to: target, by: "u7l1").refusal() == .fieldInvalid)
        let other = try town.request()
        let large = SentFile(98, bytes: Int(AttachmentLimits.bytes), perChunk: BatchLimits.chunkBytes)
        town.send(large, by: "u7l1")
        #expect(try town.attach(large.command, to: other, by: "u7l1", rounds: 100).refusal() == .unspecified)
        var larger = SentFile(97, bytes: Int(AttachmentLimits.bytes) + 1, perChunk: BatchLimits.chunkBytes)
        larger.name = "b.pdf"
        town.send(larger, by: "u7l1")
        #expect(
            try town.attach(larger.command, to: other, by: "u7l1", rounds: 100).refusal() == .fieldInvalid)
    }

    @Test("the power is cut at every round: what was acknowledged is there, and what is fetched is the file")
    func crashes() throws {
        var cut = 0
        while true {
            let town = try town(720 + UInt64(cut))
            let target = try town.request()
            let file = SentFile(3, bytes: 2_500)
            var rounds = 0
            var isCut = false
            func turns(_ count: Int) throws {
                for _ in 0..<count {
                    rounds += 1
                    if rounds == cut, !isCut {
                        isCut = true
                        try town.crash()
                        town.settle()
                    } else {
                        town.turn()
                    }
                }
            }
            let id = town.world.commandID()
            let envelope = town.desk.envelope(
                .attachEvidence(file.command), by: "u7l1", on: target, expecting: 1, id: id)
            // As a client does: what is missing, the manifest, the command, until it has an answer.
            var answer: CommandAnswer?
            while answer == nil {
                let handler = BatchHandler(engine: town.handle, desk: town.batches)
                for data in file.chunks + [file.manifest] {
                    let query = PutChunkQuery(batch: file.id, data: data, isManifest: data == file.manifest)
                    _ = handler.open(
                        Desk.call("u7l1", service: BatchesService.name, method: "PutChunk"),
                        request: query.encoded(), reply: CaughtReply())
                    try turns(3)
                }
                let reply = town.execute(envelope, by: "u7l1", rounds: 0)
                try turns(10)
                if reply.status?.isOK == true {
                    answer = try CommandAnswer(decoding: try #require(reply.payload))
                }
            }
            #expect(answer?.outcome?.refusal == .unspecified, "cut \(cut)")
            #expect(town.attachments(of: target, by: "u7l1").count == 1, "cut \(cut)")
            #expect(try town.fetch(file.id, of: target, by: "b1a1").file().bytes == file.bytes, "cut \(cut)")
            if !isCut, cut > 0 { break }
            cut += 1
        }
        #expect(cut > 15)
    }

    private func contains(_ bytes: [UInt8], _ text: String) -> Bool {
        let sought = Array(text.utf8)
        guard bytes.count >= sought.count else { return false }
        return (0...(bytes.count - sought.count)).contains {
            bytes[$0..<($0 + sought.count)].elementsEqual(sought)
        }
    }
}

extension BatchTown {
    fileprivate func upload(_ attachment: [UInt8], of party: String) -> ID128 {
        guard let id = EntityID(attachment) else { return .zero }
        return thread.memory.keys.prints.upload(party, id)
    }
}
