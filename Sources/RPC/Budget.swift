import Synchronization

/// The process-wide budget for bytes held on behalf of peers, shared by all loops.
package final class ProcessBudget: MemoryBudget {
    private let limit: Int
    private let used = Atomic<Int>(0)

    package init(bytes: Int) { limit = bytes }

    package var bytesInUse: Int { used.load(ordering: .relaxed) }

    package func reserve(_ bytes: Int) -> Bool {
        let before = used.wrappingAdd(bytes, ordering: .relaxed).oldValue
        if before <= limit - bytes { return true }
        used.wrappingSubtract(bytes, ordering: .relaxed)
        return false
    }

    package func release(_ bytes: Int) { used.wrappingSubtract(bytes, ordering: .relaxed) }
}
