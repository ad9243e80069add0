import Schema
import Wire

/// Deciding and applying what concerns attachments (ATTACHMENT.md 2). That the chunks are stored, and are the file that the command says, is looked at
/// before a command comes here: the exchange has no disk.
extension State {
    /// Whether a command is of requests and of cases alike.
    func isAbout(_ kind: CommandKind, _ matter: Matter) -> Bool {
        kind == .attachEvidence ? !matter.isRound : matter.aggregate == kind.aggregate
    }

    /// Evidence changes no state, so no table of transitions has it: it may come as long as somebody may still look at it to decide something.
    func takesEvidence(_ matter: Matter) -> Bool {
        if matter.isRound { return false }
        if matter.isCase { return ![.closed, .withdrawn].contains(cases[matter.slot].state) }
        return !requests[matter.slot].state.isOver
    }

    // MARK: deciding

    func attach(_ command: AttachEvidence, _ context: Context) throws(Rejection) -> EventBody {
        guard let id = EntityID(command.attachment) else { throw .invalid("attachment", "malformed") }
        // Nor a batch's: both would be one upload.
        guard evidence.matter(of: id) == nil, targets[id] == nil else {
            throw .invalid("attachment", "repeated")
        }
        let held = evidence.of(context.target)
        guard held.count < AttachmentLimits.ofMatter else {
            throw .tooMuch("attachment", "too-many", max: AttachmentLimits.ofMatter)
        }
        try checkContent(command)
        let digest = hexText(command.sha256)
        guard !held.contains(where: { $0.sha256.clear.map { haveSameBytes($0, digest) } ?? false }) else {
            throw .invalid("sha256", "repeated")
        }
        try checkKind(command.kind, context.target)
        return .evidenceAttached(
            EventV1.EvidenceAttached(
                attachment: id.bytes, sha256: personal(digest), bytes: command.bytes,
                type: command.type, name: personal(command.fileName), kind: command.kind,
                manifest: personal(hexText(command.manifest))))
    }

    private func checkContent(_ command: AttachEvidence) throws(Rejection) {
        guard command.sha256.count == Limits.digestBytes else { throw .invalid("sha256", "malformed") }
        guard command.manifest.count == Limits.digestBytes else { throw .invalid("manifest", "malformed") }
        guard command.bytes > 0 else { throw .missing("bytes") }
        guard command.bytes <= AttachmentLimits.bytes else {
            throw .tooMuch("bytes", "too-long", max: Int(AttachmentLimits.bytes))
        }
        try check(command.fileName, "file_name", max: AttachmentLimits.nameCharacters, lines: false)
        guard !command.fileName.utf8.contains(0x2F), !command.fileName.utf8.contains(0x5C) else {
            throw .invalid("file_name", "malformed")
        }
        guard command.type != .unspecified, AttachmentType.allCases.contains(command.type) else {
            throw .invalid("type", "unspecified")
        }
        guard AttachmentForm.byName(command.fileName) == command.type else {
            throw .invalid("type", "mismatch")
        }
    }

    private func checkKind(_ kind: String, _ target: EntityID) throws(Rejection) {
        guard case .matter(let matter) = targets[target], matter.isCase else {
            guard kind.isEmpty else { throw .invalid("kind", "not-yet-offered") }
            return
        }
        try checkCode(kind, "kind", list: CodeListName.material)
    }

    // MARK: applying

    mutating func apply(_ event: EventV1.EvidenceAttached, _ context: EventContext) {
        guard let id = EntityID(event.attachment), evidence.matter(of: id) == nil else {
            corruption("an attachment without an id of its own")
        }
        guard case .matter(let matter) = targets[context.target], !matter.isRound else {
            corruption("an attachment on neither request nor case")
        }
        guard let party = partyIndex(context.actor.party) else { corruption("an attachment of nobody") }
        evidence.add(
            Attachment(
                id: id, sha256: PersonalText(event.sha256), manifest: PersonalText(event.manifest),
                name: PersonalText(event.name), bytes: event.bytes, type: event.type, kind: event.kind,
                party: party, at: context.time), to: context.target)
        if matter.isCase {
            noteCase(matter.slot, cases[matter.slot].state, .empty, context)
        } else {
            noteRequest(matter.slot, requests[matter.slot].state, .empty, context)
        }
    }
}
