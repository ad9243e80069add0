/// A contiguous queue of bytes: append at the end, drop at the front. The write queue and the partial frame of a
/// connection. Memory grows by doubling with what is appended, never by what a length promises.
package struct FrameBuffer: ~Copyable {
    private var base: UnsafeMutableRawPointer?
    private var capacity = 0
    private var start = 0
    private var end = 0

    package init() {}

    deinit { base?.deallocate() }

    /// Bytes queued.
    package var count: Int { end - start }

    /// The queued bytes; valid until the next mutation.
    package var bytes: UnsafeRawBufferPointer {
        guard let base else { return UnsafeRawBufferPointer(start: nil, count: 0) }
        return UnsafeRawBufferPointer(start: UnsafeRawPointer(base + start), count: end - start)
    }

    /// Room for `count` bytes at the end. The caller fills all of them before anything else happens.
    package mutating func extend(by count: Int) -> UnsafeMutableRawPointer {
        if capacity - end < count { makeRoom(for: count) }
        guard let base else { preconditionFailure("empty extend") }  // programmer error: count > 0
        let place = base + end
        end += count
        return place
    }

    package mutating func append(_ bytes: UnsafeRawBufferPointer) {
        guard let source = bytes.baseAddress, bytes.count > 0 else { return }
        extend(by: bytes.count).copyMemory(from: source, byteCount: bytes.count)
    }

    /// Drops `count` bytes (at most `self.count`) at the front.
    package mutating func removeFirst(_ count: Int) {
        start += min(max(count, 0), end - start)
        if start == end {
            start = 0
            end = 0
        }
    }

    /// Overwrites queued bytes, used for the one PING answer in the queue. Ignored when out of range.
    package mutating func overwrite(at offset: Int, with bytes: UnsafeRawBufferPointer) {
        guard let base, let source = bytes.baseAddress, offset >= 0, offset <= count - bytes.count else {
            return
        }
        (base + start + offset).copyMemory(from: source, byteCount: bytes.count)
    }

    package mutating func removeAll() {
        start = 0
        end = 0
    }

    /// Gives the memory back when nothing is queued, so that an idle connection holds none.
    package mutating func trim() {
        guard start == end, capacity > 0 else { return }
        base?.deallocate()
        base = nil
        capacity = 0
    }

    private mutating func makeRoom(for extra: Int) {
        let held = end - start
        if let base, start >= capacity / 2, capacity - held >= extra {
            base.copyMemory(from: base + start, byteCount: held)
        } else {
            let grown = max(capacity * 2, held + extra, 512)
            let fresh = UnsafeMutableRawPointer.allocate(byteCount: grown, alignment: 16)
            if let base {
                fresh.copyMemory(from: base + start, byteCount: held)
                base.deallocate()
            }
            base = fresh
            capacity = grown
        }
        start = 0
        end = held
    }
}
