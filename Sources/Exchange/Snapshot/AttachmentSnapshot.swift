import Schema

/// Attachments in the state's hash and in a snapshot: Protocol/SNAPSHOT.md 5.
extension State {
    /// Nothing where there is none: the hash of an older store is what it was.
    func digestEvidence(_ stream: inout CanonicalStream<some StateHasher>) {
        guard !evidence.isEmpty else { return }
        stream.put("evidence")
        stream.put(evidence.matters.count)
        for matter in evidence.matters {
            stream.put(matter)
            stream.put(evidence.of(matter).count)
            for held in evidence.of(matter) {
                stream.put(held.id)
                for text in [held.sha256, held.manifest, held.name] { stream.put(text) }
                stream.put(held.bytes)
                stream.put(held.type.rawValue)
                stream.put(held.kind)
                stream.put(held.party.raw)
                stream.put(held.at)
            }
        }
    }

    func writeEvidence(_ writer: inout StateWriter) throws {
        writer.out.put(evidence.matters.count)
        for matter in evidence.matters {
            writer.out.put(matter)
            writer.out.put(evidence.of(matter).count)
            for held in evidence.of(matter) {
                writer.out.put(held.id)
                for text in [held.sha256, held.manifest, held.name] { try writer.put(text) }
                writer.out.put(held.bytes)
                writer.out.put(UInt64(held.type.rawValue))
                writer.out.put(held.kind)
                writer.out.put(UInt64(held.party.raw))
                writer.out.put(signed: held.at)
            }
            try writer.out.rowEnds()
        }
    }

    mutating func readEvidence(_ reader: inout StateReader) throws {
        for _ in 0..<(try reader.input.number(UInt32.self, "the number of matters with attachments")) {
            let matter = try reader.input.id()
            guard case .matter(let found) = targets[matter], !found.isRound, evidence.of(matter).isEmpty
            else { throw SnapshotFault.wrong("attachments on no matter") }
            reader.isErased = erasureCompletes(matter) != 0
            defer { reader.isErased = false }
            let count = try reader.input.number(UInt16.self, "the number of attachments")
            guard (1...AttachmentLimits.ofMatter).contains(Int(count)) else {
                throw SnapshotFault.wrong("too many attachments, or none")
            }
            for _ in 0..<count {
                evidence.add(try readAttachment(&reader, matter), to: matter, isErased: reader.isErased)
            }
        }
    }

    private func readAttachment(_ reader: inout StateReader, _ matter: EntityID) throws -> Attachment {
        let id = try reader.input.id()
        guard evidence.matter(of: id) == nil else { throw SnapshotFault.wrong("an attachment twice") }
        let (sha256, manifest) = (try reader.personal(of: matter), try reader.personal(of: matter))
        let name = try reader.personal(of: matter)
        let bytes = try reader.input.number()
        guard let type = AttachmentType(rawValue: try reader.input.number(Int32.self, "a type")) else {
            throw SnapshotFault.wrong("an unknown type of attachment")
        }
        return Attachment(
            id: id, sha256: sha256, manifest: manifest, name: name, bytes: bytes, type: type,
            kind: try reader.input.text(), party: try readParty(of: &reader), at: try reader.input.signed())
    }
}
