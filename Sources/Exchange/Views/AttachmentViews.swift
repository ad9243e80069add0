package import Schema

/// What officers see of attachments: of a request whoever sees it, of a case by the table in CaseSight.swift.
extension State {
    func attachments(of request: SupportRequest) -> [AttachmentView] {
        evidence.of(request.id).map { view($0, name: $0.name.shown, party: $0.party) }
    }

    /// A document of the serviceman's side is seen by whoever sees that side (CaseSight.swift).
    func attachments(of held: PlacementCase, _ eyes: CaseEyes) -> [AttachmentView] {
        evidence.of(held.id).filter { eyes.sees(documentField($0.kind)) }.map {
            let tells = eyes.sees(.unit) || $0.party != held.unit
            return view($0, name: eyes.text(.attachmentName, $0.name), party: tells ? $0.party : nil)
        }
    }

    private func view(_ held: Attachment, name: String, party: PartyIndex?) -> AttachmentView {
        AttachmentView(
            attachment: held.id.bytes, name: name, type: held.type, bytes: held.bytes, kind: held.kind,
            party: party.map { self.party($0).key } ?? "", partyName: party.map { self.party($0).name } ?? "",
            attachedAt: held.at, sha256: held.sha256.clear.flatMap(bytes(ofHex:)) ?? [])
    }

    private func bytes(ofHex text: String) -> [UInt8]? {
        var bytes: [UInt8] = []
        let digits = Array(text.utf8)
        for index in stride(from: 0, to: digits.count - 1, by: 2) {
            guard let byte = UInt8(String(decoding: digits[index...index + 1], as: UTF8.self), radix: 16)
            else { return nil }
            bytes.append(byte)
        }
        return bytes
    }

    /// What this officer may fetch; nil for what is not there, not theirs to see, or erased.
    package func fetchable(_ attachment: EntityID, on target: EntityID, for viewer: Viewer) -> (
        held: Attachment, view: AttachmentView, isOfCase: Bool
    )? {
        guard let matter = matter(target, for: viewer), !matter.isRound, erasureCompletes(target) == 0,
            let held = evidence.of(target).first(where: { $0.id == attachment })
        else { return nil }
        let views =
            matter.isCase
            ? attachments(of: cases[matter.slot], eyes(viewer, matter.slot))
            : attachments(of: requests[matter.slot])
        guard let view = views.first(where: { $0.attachment == attachment.bytes }) else { return nil }
        return (held, view, matter.isCase)
    }
}
