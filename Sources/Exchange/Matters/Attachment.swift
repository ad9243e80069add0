package import Schema

/// A scanned document on a request or case, as the exchange knows it (ATTACHMENT.md 2). Its bytes lie in sealed chunks under a key of their own,
/// which is destroyed when the matter is erased.
package struct Attachment: Sendable, Hashable {
    package let id: EntityID
    /// Of the file, 64 hex digits.
    package internal(set) var sha256: PersonalText
    /// Of the list of chunks, 64 hex digits.
    package internal(set) var manifest: PersonalText
    package internal(set) var name: PersonalText
    package let bytes: UInt64
    package let type: AttachmentType
    /// Code of the list "material"; empty on a request.
    package let kind: String
    package let party: PartyIndex
    /// Journal time.
    package let at: Int64

    fileprivate var upload: EvidenceBook.Upload { EvidenceBook.Upload(attachment: id, party: party) }

    fileprivate mutating func forgetTexts() {
        sha256.clear = nil
        manifest.clear = nil
        name.clear = nil
    }
}

/// The attachments of all matters. Apart from requests and cases, most of which have none.
package struct EvidenceBook: Sendable {
    /// Where an attachment's chunks are found: an upload is its party's.
    package struct Upload: Sendable, Hashable {
        package let attachment: EntityID
        package let party: PartyIndex
    }

    private var held: [EntityID: [Attachment]] = [:]
    /// In the order in which they got their first.
    package private(set) var matters: [EntityID] = []
    /// All, in the order they came.
    package private(set) var uploads: [Upload] = []
    /// Those whose matter was erased, in the order it was.
    package private(set) var erased: [Upload] = []
    private var places: [EntityID: EntityID] = [:]

    package var isEmpty: Bool { matters.isEmpty }

    package func of(_ matter: EntityID) -> [Attachment] { held[matter] ?? [] }

    /// The matter that an attachment belongs to.
    package func matter(of attachment: EntityID) -> EntityID? { places[attachment] }

    mutating func add(_ attachment: Attachment, to matter: EntityID, isErased: Bool = false) {
        if held[matter] == nil { matters.append(matter) }
        held[matter, default: []].append(attachment)
        places[attachment.id] = matter
        uploads.append(attachment.upload)
        if isErased { erased.append(attachment.upload) }
    }

    /// Nothing of them can be read from now on.
    mutating func erase(_ matter: EntityID) {
        guard var attachments = held[matter] else { return }
        for index in attachments.indices { attachments[index].forgetTexts() }
        held[matter] = attachments
        erased += attachments.map(\.upload)
    }
}
