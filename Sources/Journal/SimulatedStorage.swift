import Glibc
import Synchronization

/// A disk for simulations: everything that real disks do to unsynced data, by seed, and every failure of a call, by number.
///
/// - What is written is seen by reads at once (the page cache), but is on disc only after `sync`; names likewise after `syncDirectory`.
/// - `crash` ends the machine: of each unsynced write every 512-byte sector is kept or lost, in no order, or is garbage where
///   nothing was durable before; unsynced creations, renames and removals are kept or lost. Then everybody starts again.
/// - `restartProcess` ends the process only: the page cache stays, locks and open files go.
/// - A plan makes the n-th operation fail, or the machine stop before or in the middle of it.
///
/// Deterministic: the same calls and the same seed give the same disk. Thread-safe, but meant for one thread.
package final class SimulatedDisk: Sendable {
    package static let sector = 512

    /// What goes wrong at one operation.
    package enum Fault: Sendable, Hashable {
        /// EIO. A failed sync leaves the pages clean in the cache and their content half on the disk, as Linux does.
        case inputOutput
        /// ENOSPC; for writes, creations, renames and truncations.
        case noSpace
        /// A write writes only part, then a later call goes on; reads likewise.
        case short
        /// The machine stops: this operation and all later ones fail until `crash` is called.
        case stop
    }

    /// Ways to break the disk that a correct journal cannot survive: a simulation must notice them.
    package struct Dishonesty: Sendable, OptionSet {
        package let rawValue: Int
        package init(rawValue: Int) { self.rawValue = rawValue }
        /// `sync` answers at once and does nothing.
        package static let sync = Dishonesty(rawValue: 1)
        /// `syncDirectory` answers at once and does nothing.
        package static let directorySync = Dishonesty(rawValue: 2)
    }

    private final class Inode {
        /// What reads see.
        var current: [UInt8] = []
        /// What is on disc for sure.
        var durable: [UInt8] = []
        /// Since the last sync, in order.
        var pending: [Change] = []
        var locked = false
    }

    private enum Change {
        case write(offset: Int, bytes: [UInt8])
        case truncate(Int)
    }

    private enum NameChange {
        case set(String, Int)
        case remove(String)
        /// Kept or lost as one: rename is atomic on every file system worth the name.
        case rename(from: String, to: String, Int)
    }

    private struct Directory {
        var current: [String: Int] = [:]
        var durable: [String: Int] = [:]
        var pending: [NameChange] = []
        var children: [String: Int] = [:]
    }

    private struct State {
        var random: DiskRandom
        var inodes: [Inode] = []
        var directories: [Directory] = [Directory()]
        var open: [Int32: Int] = [:]
        var nextFile: Int32 = 3
        var operations = 0
        var faults: [Int: Fault] = [:]
        var stopped = false
        var capacity = Int.max
        var dishonesty: Dishonesty = []
        var log: [String] = []
        var keepsLog = false
    }

    private let state: Mutex<State>

    /// An empty disk.
    package init(seed: UInt64) { state = Mutex(State(random: DiskRandom(seed))) }

    /// The top directory.
    package var root: any Storage { SimulatedStorage(disk: self, directory: 0, path: "/simulated") }

    /// Operations so far; numbers for `fail`.
    package var operations: Int { state.withLock { $0.operations } }
    /// True once a `.stop` has struck.
    package var stopped: Bool { state.withLock { $0.stopped } }
    /// The names of all operations since `keepLog`, for tests that pick one.
    package var log: [String] { state.withLock { $0.log } }
    package func keepLog() { state.withLock { $0.keepsLog = true } }

    /// Operation number `operation` (counted from 0 over the disk's life) fails so.
    package func fail(_ operation: Int, _ fault: Fault) { state.withLock { $0.faults[operation] = fault } }
    package func clearFaults() { state.withLock { $0.faults = [:] } }
    package func setDishonesty(_ value: Dishonesty) { state.withLock { $0.dishonesty = value } }
    /// Bytes all files together may have.
    package func setCapacity(_ bytes: Int) { state.withLock { $0.capacity = bytes } }

    /// Power loss, and the machine is up again. What was unsynced is decided by the disk's seed.
    package func crash() {
        state.withLock { state in
            state.stopped = false
            state.faults = [:]
            state.open = [:]
            for index in state.inodes.indices { SimulatedDisk.lose(state.inodes[index], &state.random) }
            for index in state.directories.indices {
                SimulatedDisk.lose(&state.directories[index], &state.random)
            }
        }
    }

    /// The process ends and starts again; the kernel lives on.
    package func restartProcess() {
        state.withLock { state in
            state.stopped = false
            state.faults = [:]
            state.open = [:]
            for inode in state.inodes { inode.locked = false }
        }
    }

    // MARK: what a crash leaves

    /// How one crash treats unsynced data; drawn per file, so that files differ.
    private enum Mood: CaseIterable { case loseAll, keepAll, prefix, sectors, garbage }

    private static func lose(_ inode: Inode, _ random: inout DiskRandom) {
        let mood = Mood.allCases[random.below(Mood.allCases.count)]
        let cut = inode.pending.isEmpty ? 0 : random.below(inode.pending.count + 1)
        for (index, change) in inode.pending.enumerated() {
            switch mood {
            case .loseAll: break
            case .keepAll: apply(change, to: &inode.durable)
            case .prefix: if index < cut { apply(change, to: &inode.durable) }
            case .sectors: tear(change, &inode.durable, &random, garbage: false)
            case .garbage: tear(change, &inode.durable, &random, garbage: true)
            }
        }
        inode.pending = []
        inode.current = inode.durable
        inode.locked = false
    }

    private static func lose(_ directory: inout Directory, _ random: inout DiskRandom) {
        let mood = random.below(4)
        let cut = directory.pending.isEmpty ? 0 : random.below(directory.pending.count + 1)
        for (index, change) in directory.pending.enumerated() {
            // All, none, a prefix (an ordered metadata journal), or any (POSIX promises no order).
            let kept = mood == 0 || (mood == 1 && index < cut) || (mood == 2 && random.below(2) == 0)
            if kept { apply(change, to: &directory.durable) }
        }
        directory.pending = []
        directory.current = directory.durable
    }

    private static func apply(_ change: NameChange, to names: inout [String: Int]) {
        switch change {
        case .set(let name, let inode): names[name] = inode
        case .remove(let name): names[name] = nil
        case .rename(let from, let to, let inode):
            names[from] = nil
            names[to] = inode
        }
    }

    private static func apply(_ change: Change, to content: inout [UInt8]) {
        switch change {
        case .write(let offset, let bytes): put(bytes[...], at: offset, into: &content)
        case .truncate(let size): resize(&content, size)
        }
    }

    private static func resize(_ content: inout [UInt8], _ size: Int) {
        if size < content.count {
            content.removeLast(content.count - size)
        } else {
            content += [UInt8](repeating: 0, count: size - content.count)
        }
    }

    private static func put(_ bytes: ArraySlice<UInt8>, at offset: Int, into content: inout [UInt8]) {
        if content.count < offset + bytes.count { resize(&content, offset + bytes.count) }
        content.withUnsafeMutableBytes { raw in
            UnsafeMutableRawBufferPointer(rebasing: raw[offset..<(offset + bytes.count)]).copyBytes(
                from: bytes)
        }
    }

    /// Each sector of a write for itself: kept, lost, or (where only zeros were durable) sometimes garbage. Runs of sectors share
    /// a fate, so that large writes stay cheap and look like what disks do.
    private static func tear(
        _ change: Change, _ content: inout [UInt8], _ random: inout DiskRandom, garbage: Bool
    ) {
        guard case .write(let offset, let bytes) = change else {
            if random.below(2) == 0 { apply(change, to: &content) }
            return
        }
        var at = offset
        while at < offset + bytes.count {
            let run = 1 + (random.below(3) == 0 ? random.below(64) : random.below(4))
            let end = min(offset + bytes.count, (at / sector + run) * sector)
            switch random.below(garbage ? 5 : 2) {
            case 0: break
            case 4: scribble(at, end, &content, &random)
            default: put(bytes[(at - offset)..<(end - offset)], at: at, into: &content)
            }
            at = end
        }
    }

    /// Garbage only over what was not data before: a disk does not destroy sectors it does not write.
    private static func scribble(_ from: Int, _ to: Int, _ content: inout [UInt8], _ random: inout DiskRandom)
    {
        let first = (from + sector - 1) / sector * sector
        guard first < to else { return }
        let end = min(to, first + sector)
        if content.count < end { resize(&content, end) }
        let fresh = content.withUnsafeBytes { $0.isZero(first, end) }
        if fresh { for at in first..<end { content[at] = UInt8(truncatingIfNeeded: random.next()) } }
    }

    // MARK: operations, called by SimulatedStorage

    /// Counts an operation and lets a planned fault strike. Returns the fault that the operation itself must act out.
    private static func begin(_ state: inout State, _ operation: StorageError.Operation, _ name: String)
        throws(StorageError) -> Fault?
    {
        if state.stopped { throw StorageError(operation, name, EIO) }
        let fault = state.faults[state.operations]
        if state.keepsLog { state.log.append("\(operation.rawValue) \(name)") }
        state.operations += 1
        switch fault {
        case .stop:
            state.stopped = true
            return .stop
        case .noSpace:
            switch operation {
            case .write, .open, .rename, .truncate, .makeDirectory:
                throw StorageError(operation, name, ENOSPC)
            default: return nil
            }
        case .inputOutput where operation == .sync: return fault
        case .inputOutput: throw StorageError(operation, name, EIO)
        case .short, nil: return fault
        }
    }

    /// What is no operation: it cannot fail and changes nothing.
    fileprivate func note(_ words: String) {
        state.withLock { if $0.keepsLog { $0.log.append(words) } }
    }

    fileprivate func list(_ directory: Int) throws(StorageError) -> [String] {
        try state.withLock { (state) throws(StorageError) in
            try SimulatedDisk.simple(&state, .list, "")
            return state.directories[directory].current.keys.sorted()
        }
    }

    /// An operation that a stop prevents altogether.
    private static func simple(_ state: inout State, _ operation: StorageError.Operation, _ name: String)
        throws(StorageError)
    {
        if try begin(&state, operation, name) == .stop { throw StorageError(operation, name, EIO) }
    }

    fileprivate func open(_ directory: Int, _ name: String, _ mode: OpenMode) throws(StorageError)
        -> StorageFile
    {
        try state.withLock { (state) throws(StorageError) in
            try SimulatedDisk.simple(&state, .open, name)
            if let inode = state.directories[directory].current[name] {
                if mode == .create {
                    state.inodes[inode].current = []
                    state.inodes[inode].pending.append(.truncate(0))
                }
                return SimulatedDisk.handle(&state, inode)
            }
            guard mode == .create else { throw StorageError(.open, name, ENOENT) }
            return SimulatedDisk.create(&state, directory, name)
        }
    }

    private static func create(_ state: inout State, _ directory: Int, _ name: String) -> StorageFile {
        state.inodes.append(Inode())
        let inode = state.inodes.count - 1
        state.directories[directory].current[name] = inode
        state.directories[directory].pending.append(.set(name, inode))
        return handle(&state, inode)
    }

    private static func handle(_ state: inout State, _ inode: Int) -> StorageFile {
        state.nextFile += 1
        state.open[state.nextFile] = inode
        return StorageFile(id: state.nextFile)
    }

    fileprivate func close(_ file: StorageFile) {
        state.withLock { state in
            guard let inode = state.open.removeValue(forKey: file.id) else { return }
            if !state.open.values.contains(inode) { state.inodes[inode].locked = false }
        }
    }

    private static func inode(_ state: State, _ file: StorageFile, _ operation: StorageError.Operation)
        throws(StorageError) -> Inode
    {
        guard let inode = state.open[file.id] else { throw StorageError(operation, "file \(file.id)", EBADF) }
        return state.inodes[inode]
    }

    fileprivate func size(_ file: StorageFile) throws(StorageError) -> Int {
        try state.withLock { (state) throws(StorageError) in
            try SimulatedDisk.simple(&state, .size, "")
            return try SimulatedDisk.inode(state, file, .size).current.count
        }
    }

    fileprivate func read(_ file: StorageFile, _ buffer: UnsafeMutableRawBufferPointer, _ offset: Int)
        throws(StorageError) -> Int
    {
        try state.withLock { (state) throws(StorageError) in
            let fault = try SimulatedDisk.begin(&state, .read, "")
            if fault == .stop { throw StorageError(.read, "", EIO) }
            let inode = try SimulatedDisk.inode(state, file, .read)
            var count = max(0, min(buffer.count, inode.current.count - offset))
            if fault == .short && count > 1 { count = 1 + state.random.below(count - 1) }
            if count > 0 { buffer.copyBytes(from: inode.current[offset..<(offset + count)]) }
            return count
        }
    }

    fileprivate func write(_ file: StorageFile, _ bytes: UnsafeRawBufferPointer, _ offset: Int)
        throws(StorageError) -> Int
    {
        try state.withLock { (state) throws(StorageError) in
            let fault = try SimulatedDisk.begin(&state, .write, "")
            let inode = try SimulatedDisk.inode(state, file, .write)
            var count = bytes.count
            if fault == .short || fault == .stop { count = state.random.below(count + 1) }
            if fault == .short && count == 0 { count = min(1, bytes.count) }
            let grows = max(0, offset + count - inode.current.count)
            if grows > 0, grows > state.capacity - SimulatedDisk.used(state) {
                throw StorageError(.write, "", ENOSPC)
            }
            let data = [UInt8](bytes.window(0, count))
            SimulatedDisk.put(data[...], at: offset, into: &inode.current)
            inode.pending.append(.write(offset: offset, bytes: data))
            if fault == .stop { throw StorageError(.write, "", EIO) }
            return count
        }
    }

    private static func used(_ state: State) -> Int {
        var seen: Set<Int> = []
        for directory in state.directories { seen.formUnion(directory.current.values) }
        return seen.reduce(0) { $0 + state.inodes[$1].current.count }
    }

    fileprivate func sync(_ file: StorageFile) throws(StorageError) {
        try state.withLock { (state) throws(StorageError) in
            let fault = try SimulatedDisk.begin(&state, .sync, "")
            let inode = try SimulatedDisk.inode(state, file, .sync)
            if fault == .inputOutput {
                // The kernel reports the error once and calls the pages clean: readable, and half on the disc for good.
                for change in inode.pending {
                    SimulatedDisk.tear(change, &inode.durable, &state.random, garbage: false)
                }
                SimulatedDisk.resize(&inode.durable, inode.current.count)
                inode.pending = []
                throw StorageError(.sync, "", EIO)
            }
            if fault == .stop {
                if state.random.below(2) == 0 { SimulatedDisk.settle(inode) }
                throw StorageError(.sync, "", EIO)
            }
            if !state.dishonesty.contains(.sync) { SimulatedDisk.settle(inode) }
        }
    }

    private static func settle(_ inode: Inode) {
        for change in inode.pending { apply(change, to: &inode.durable) }
        inode.pending = []
    }

    fileprivate func truncate(_ file: StorageFile, _ size: Int) throws(StorageError) {
        try state.withLock { (state) throws(StorageError) in
            try SimulatedDisk.simple(&state, .truncate, "")
            let inode = try SimulatedDisk.inode(state, file, .truncate)
            SimulatedDisk.resize(&inode.current, size)
            inode.pending.append(.truncate(size))
        }
    }

    fileprivate func rename(_ directory: Int, _ from: String, _ to: String) throws(StorageError) {
        try state.withLock { (state) throws(StorageError) in
            let fault = try SimulatedDisk.begin(&state, .rename, from)
            guard let inode = state.directories[directory].current[from] else {
                throw StorageError(.rename, from, ENOENT)
            }
            state.directories[directory].current[from] = nil
            state.directories[directory].current[to] = inode
            state.directories[directory].pending.append(.rename(from: from, to: to, inode))
            if fault == .stop { throw StorageError(.rename, from, EIO) }
        }
    }

    fileprivate func unlink(_ directory: Int, _ name: String) throws(StorageError) {
        try state.withLock { (state) throws(StorageError) in
            try SimulatedDisk.simple(&state, .unlink, name)
            guard state.directories[directory].current.removeValue(forKey: name) != nil else {
                throw StorageError(.unlink, name, ENOENT)
            }
            state.directories[directory].pending.append(.remove(name))
        }
    }

    fileprivate func syncDirectory(_ directory: Int) throws(StorageError) {
        try state.withLock { (state) throws(StorageError) in
            let fault = try SimulatedDisk.begin(&state, .syncDirectory, "")
            let keeps =
                fault == .stop ? state.random.below(2) == 0 : !state.dishonesty.contains(.directorySync)
            if keeps {
                state.directories[directory].durable = state.directories[directory].current
                state.directories[directory].pending = []
            }
            if fault == .stop { throw StorageError(.syncDirectory, "", EIO) }
        }
    }

    fileprivate func lock(_ directory: Int, _ name: String) throws(StorageError) -> StorageFile {
        try state.withLock { (state) throws(StorageError) in
            try SimulatedDisk.simple(&state, .lock, name)
            guard let inode = state.directories[directory].current[name] else {
                let file = SimulatedDisk.create(&state, directory, name)
                if let made = state.open[file.id] { state.inodes[made].locked = true }
                return file
            }
            guard !state.inodes[inode].locked else { throw StorageError(.lock, name, EWOULDBLOCK) }
            state.inodes[inode].locked = true
            return SimulatedDisk.handle(&state, inode)
        }
    }

    fileprivate func spaceLeft() throws(StorageError) -> Int {
        state.withLock { $0.capacity == Int.max ? Int.max : max(0, $0.capacity - SimulatedDisk.used($0)) }
    }

    /// Directories are durable at once: the journal makes two in its life.
    fileprivate func subdirectory(_ parent: Int, _ name: String) throws(StorageError) -> Int {
        try state.withLock { (state) throws(StorageError) in
            try SimulatedDisk.simple(&state, .makeDirectory, name)
            if let known = state.directories[parent].children[name] { return known }
            state.directories.append(Directory())
            state.directories[parent].children[name] = state.directories.count - 1
            return state.directories.count - 1
        }
    }

    // MARK: for tests

    /// The bytes of a file, as reads see them. Nil: no such file. `directory`: a subdirectory of the top one.
    package func bytes(of name: String, in directory: String? = nil) -> [UInt8]? {
        state.withLock { state in
            SimulatedDisk.find(state, name, directory).map { state.inodes[$0].current }
        }
    }

    /// Replaces a file's bytes, durably: damage done from outside. Makes the file when it is not there.
    package func replace(_ name: String, in directory: String? = nil, _ bytes: [UInt8]) {
        state.withLock { state in
            let index = directory.flatMap { state.directories[0].children[$0] } ?? 0
            let inode: Inode
            if let known = SimulatedDisk.find(state, name, directory) {
                inode = state.inodes[known]
            } else {
                inode = Inode()
                state.inodes.append(inode)
                state.directories[index].current[name] = state.inodes.count - 1
                state.directories[index].durable[name] = state.inodes.count - 1
            }
            inode.current = bytes
            inode.durable = bytes
            inode.pending = []
        }
    }

    /// Removes a file, durably.
    package func remove(_ name: String, in directory: String? = nil) {
        state.withLock { state in
            let index = directory.flatMap { state.directories[0].children[$0] } ?? 0
            state.directories[index].current[name] = nil
            state.directories[index].durable[name] = nil
        }
    }

    private static func find(_ state: State, _ name: String, _ directory: String?) -> Int? {
        let index = directory.map { state.directories[0].children[$0] } ?? 0
        return index.flatMap { state.directories[$0].current[name] }
    }
}

/// One directory of a `SimulatedDisk`.
package final class SimulatedStorage: Storage {
    package let path: String
    private let disk: SimulatedDisk
    private let directory: Int

    fileprivate init(disk: SimulatedDisk, directory: Int, path: String) {
        self.disk = disk
        self.directory = directory
        self.path = path
    }

    package func list() throws(StorageError) -> [String] { try disk.list(directory) }
    package func open(_ name: String, _ mode: OpenMode) throws(StorageError) -> StorageFile {
        try disk.open(directory, name, mode)
    }
    package func close(_ file: StorageFile) { disk.close(file) }
    package func size(_ file: StorageFile) throws(StorageError) -> Int { try disk.size(file) }
    package func read(_ file: StorageFile, into buffer: UnsafeMutableRawBufferPointer, at offset: Int)
        throws(StorageError) -> Int
    { try disk.read(file, buffer, offset) }
    package func write(_ file: StorageFile, _ bytes: UnsafeRawBufferPointer, at offset: Int)
        throws(StorageError) -> Int
    { try disk.write(file, bytes, offset) }
    package func sync(_ file: StorageFile) throws(StorageError) { try disk.sync(file) }
    package func letGo(_ file: StorageFile, at offset: Int, count: Int) {
        disk.note("letGo \(offset) \(count)")
    }
    package func truncate(_ file: StorageFile, to size: Int) throws(StorageError) {
        try disk.truncate(file, size)
    }
    package func rename(_ from: String, to: String) throws(StorageError) {
        try disk.rename(directory, from, to)
    }
    package func unlink(_ name: String) throws(StorageError) { try disk.unlink(directory, name) }
    package func syncDirectory() throws(StorageError) { try disk.syncDirectory(directory) }
    package func lock(_ name: String) throws(StorageError) -> StorageFile { try disk.lock(directory, name) }
    package func spaceLeft() throws(StorageError) -> Int { try disk.spaceLeft() }
    package func subdirectory(_ name: String) throws(StorageError) -> any Storage {
        SimulatedStorage(
            disk: disk, directory: try disk.subdirectory(directory, name), path: "\(path)/\(name)")
    }
}

/// Sebastiano Vigna's SplitMix64: small, seeded, the same everywhere.
private struct DiskRandom: Sendable {
    private var state: UInt64
    init(_ seed: UInt64) { state = seed }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var z = state
        z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
        return z ^ (z >> 31)
    }

    /// 0 ..< bound; bound ≥ 1.
    mutating func below(_ bound: Int) -> Int {
        Int(truncatingIfNeeded: next() % UInt64(max(1, bound)))
    }
}
