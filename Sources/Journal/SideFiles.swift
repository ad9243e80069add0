/// What lies beside a journal and belongs to it: the sealed files of batches, and their keys (BATCH.md 3). Its files never change once they have their names, so they are copied as they lie
/// there; one that goes meanwhile is not needed any more.
package enum SideFiles {
    /// Folders below the journal's.
    package static let data = ["batches", "chunks"]
    /// Below the key file's.
    package static let keys = ["batches"]

    /// Begins the name of what is still being written.
    package static func isUnfinished(_ name: String) -> Bool {
        name.hasPrefix("put-") || name.hasPrefix("checking-")
    }

    package static func copy(_ storage: any Storage, to target: any Storage, folders: [String])
        throws(JournalError)
    {
        do throws(StorageError) {
            for folder in folders {
                let (from, to) = (try storage.subdirectory(folder), try target.subdirectory(folder))
                for name in try from.list().sorted() where !isUnfinished(name) {
                    do throws(StorageError) {
                        try Journal.copyFile(from, name, to: to, bytes: .max)
                    } catch {
                        guard error.isNoFile else { throw error }
                    }
                }
                try to.syncDirectory()
            }
        } catch { throw .storage(error, task: "copying the files of batches") }
    }

    /// For a copy over the line.
    package static func plan(_ storage: any Storage, folders: [String]) throws(JournalError) -> [CopyPlan
        .File]
    {
        var files: [CopyPlan.File] = []
        do throws(StorageError) {
            for folder in folders {
                let from = try storage.subdirectory(folder)
                for name in try from.list().sorted() where !isUnfinished(name) {
                    guard var file = try whole(from, name) else { continue }
                    file.folder = folder
                    files.append(file)
                }
            }
        } catch { throw .storage(error, task: "looking at the files of batches") }
        return files
    }

    private static func whole(_ storage: any Storage, _ name: String) throws(StorageError) -> CopyPlan.File? {
        do throws(StorageError) {
            let file = try storage.open(name, .read)
            defer { storage.close(file) }
            return CopyPlan.File(name: name, size: try storage.size(file))
        } catch {
            guard error.isNoFile else { throw error }
            return nil
        }
    }
}
