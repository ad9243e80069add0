internal import Exchange
internal import Journal

/// How many attachments, and how many erased ones, the batches' thread has been told of.
struct EvidenceMark: Sendable, Hashable {
    var uploads = 0
    var erased = 0
}

/// What the engine tells of attachments at a time: which chunks are to be kept, and which to be destroyed.
struct EvidenceSurvey: Sendable {
    struct Upload: Sendable {
        let attachment: EntityID
        let party: String
    }

    var kept: [Upload] = []
    var erased: [Upload] = []
    var hasMore = false

    init() {}

    init(_ state: State, from mark: EvidenceMark) {
        let (uploads, gone) = (state.evidence.uploads, state.evidence.erased)
        kept = uploads.dropFirst(mark.uploads).prefix(BatchSurvey.most).map { Upload($0, state) }
        erased = gone.dropFirst(mark.erased).prefix(BatchSurvey.most).map { Upload($0, state) }
        hasMore = mark.uploads + kept.count < uploads.count || mark.erased + erased.count < gone.count
    }
}

extension EvidenceSurvey.Upload {
    fileprivate init(_ upload: EvidenceBook.Upload, _ state: State) {
        self.init(attachment: upload.attachment, party: state.party(upload.party).key)
    }
}

extension BatchThread {
    /// Chunks of what is attached stay for ever; of what was erased key and files go, at every start again, since the last process may have ended in between.
    mutating func take(_ survey: EvidenceSurvey) {
        for upload in survey.kept { memory.shelf.keep(self.upload(upload)) }
        for upload in survey.erased { destroy(self.upload(upload)) }
        mark.uploads += survey.kept.count
        mark.erased += survey.erased.count
    }

    private func upload(_ upload: EvidenceSurvey.Upload) -> ID128 {
        memory.keys.prints.upload(upload.party, upload.attachment)
    }

    /// The key first: without it the files say nothing, whether they can be removed or not.
    private mutating func destroy(_ upload: ID128) {
        do {
            try memory.keys.destroy(upload)
            try memory.shelf.remove(upload)
            desk.forget(upload)
        } catch {
            notice("chunks of an erased attachment were not removed, the next start tries again: \(error)")
        }
    }
}
