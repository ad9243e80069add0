package import Crypto

/// What a copy of a journal up to one record consists of: files and how much of each. Made beside whoever writes the journal, from a record
/// that is durable: nothing before it changes any more. JOURNAL.md 10.
package struct CopyPlan: Sendable {
    package struct File: Sendable {
        package var name: String
        /// Bytes from its beginning.
        package var size: Int
        /// What it holds, where it is not copied as it lies there.
        package var content: [UInt8]?
        /// Below the journal's, or the key file's; nil: in it.
        package var folder: String?

        /// As the copy knows it.
        package var path: String { (folder.map { $0 + "/" } ?? "") + name }
    }

    /// HEAD is the last: without it nothing is taken for a journal.
    package var files: [File]
    package var storeID: ID128
    package var city: String
    package var group: UInt64
    /// Of the last leaf, ns UTC.
    package var time: Int64
    package var root: Digest
}

extension Journal {
    /// The plan of a copy that ends with the durable record `sequence`. Nothing is read but names, headers and the last segment: the copy is
    /// checked where it arrives.
    package static func copyPlan(
        _ storage: any Storage, upTo sequence: UInt64
    ) throws(JournalError) -> CopyPlan {
        let segments = try SegmentList.read(storage).segments.filter { $0.header.firstSequence <= sequence }
        guard let last = segments.last else { throw .notFormatted(path: storage.path) }
        let place = try lastGroup(storage, last, sequence)
        do throws(StorageError) {
            let head = HeadRecord(
                storeID: last.header.storeID, counter: 1, group: place.group, sequence: sequence,
                time: place.commitTime, root: place.commit.root)
            var files: [CopyPlan.File] = []
            for segment in segments.dropLast() { files.append(try whole(storage, segment.name)) }
            files.append(CopyPlan.File(name: last.name, size: place.end))
            for name in try others(storage, upTo: sequence) { files.append(try whole(storage, name)) }
            files.append(
                CopyPlan.File(name: HeadFile.name, size: 2 * head.page.count, content: head.page + head.page))
            return CopyPlan(
                files: files, storeID: last.header.storeID, city: last.header.city, group: place.group,
                time: place.time, root: place.commit.root)
        } catch { throw .storage(error, task: "planning a copy that ends with record \(sequence)") }
    }

    private static func lastGroup(
        _ storage: any Storage, _ last: (name: String, header: SegmentHeader), _ sequence: UInt64
    ) throws(JournalError) -> GroupPlace {
        let bytes: SegmentImage
        do throws(StorageError) { bytes = try SegmentImage(storage, last.name) } catch {
            throw .storage(error, task: "reading \(last.name)")
        }
        let found = bytes.withUnsafeBytes { raw in
            GroupPlace.find(raw, nonce: last.header.nonce) {
                $0.commit.leaves > 0 && $0.commit.treeSize >= sequence
            }
        }
        guard let found, found.commit.treeSize == sequence else {
            throw .misuse("no group of \(storage.path)/\(last.name) ends with record \(sequence)")
        }
        return found
    }

    /// The plan of a copy of the keys: the journal's and those of batches.
    package static func keyPlan(_ keys: any Storage) throws(JournalError) -> [CopyPlan.File] {
        let own: CopyPlan.File
        do throws(StorageError) { own = try whole(keys, KeyFile.name) } catch {
            throw .storage(error, task: "looking at the key file")
        }
        return [own] + (try SideFiles.plan(keys, folders: SideFiles.keys))
    }

    /// The newest snapshot, and what earlier restores cut.
    private static func others(_ storage: any Storage, upTo sequence: UInt64) throws(StorageError) -> [String]
    {
        let names = try storage.list()
        let snapshot = names.filter { (SnapshotFile.sequence(name: $0) ?? .max) <= sequence }.max()
        return (snapshot.map { [$0] } ?? [])
            + names.filter { (CutFile.kept(name: $0) ?? .max) < sequence }.sorted()
    }

    private static func whole(_ storage: any Storage, _ name: String) throws(StorageError) -> CopyPlan.File {
        let file = try storage.open(name, .read)
        defer { storage.close(file) }
        return CopyPlan.File(name: name, size: try storage.size(file))
    }
}
