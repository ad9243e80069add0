import Schema

/// Batches in the state's hash and in a snapshot: Protocol/SNAPSHOT.md 5.
extension State {
    /// Nothing where there is none: the hash of an older store is what it was.
    func digestBatches(_ stream: inout CanonicalStream<some StateHasher>) {
        guard !book.isEmpty else { return }
        stream.put("batches")
        stream.put(book.kinds.count)
        for loaded in book.kinds {
            stream.put(loaded.text)
            stream.put(version(of: RosterTarget.batchKind(loaded.kind.code)))
        }
        stream.put(book.names.count)
        for loaded in book.names {
            stream.put(loaded.names.name)
            stream.put(loaded.text)
            stream.put(version(of: RosterTarget.batchNames(loaded.names.name)))
        }
        stream.put(book.figures)
        stream.put(version(of: RosterTarget.registerFigures))
        stream.put(book.batches.count)
        for batch in book.batches { digest(batch, &stream) }
        stream.put(book.erased.count)
        for person in book.erased {
            stream.put(person.subject)
            stream.put(person.completes)
        }
    }

    private func digest(_ batch: Batch, _ stream: inout CanonicalStream<some StateHasher>) {
        stream.put(batch.id)
        stream.put(batch.party.raw)
        stream.put(batch.officer.raw)
        for text in [batch.kind, batch.kindVersion, batch.number, batch.period] { stream.put(text) }
        stream.put(batch.mode.rawValue)
        stream.put(batch.manifest)
        stream.put(batch.fileName)
        stream.put(batch.rows)
        stream.put(batch.bytes)
        stream.put(batch.sums.count)
        for sum in batch.sums {
            stream.put(sum.field)
            stream.put(sum.sum)
        }
        put(batch.stored, &stream)
        stream.put(batch.checked != nil)
        if let (step, found) = batch.checked {
            put(step, &stream)
            stream.put(found.verdict.rawValue)
            stream.put(found.goodRows)
            stream.put(found.faultyRows)
            stream.put(found.mismatches.count)
            for word in found.mismatches { stream.put(word) }
            stream.put(found.rowsDigest)
            stream.put(found.reportDigest)
        }
        stream.put(batch.done != nil)
        if let (step, taken) = batch.done {
            put(step, &stream)
            for number in [taken.place, taken.added, taken.replaced, taken.unchanged, taken.passedOver] {
                stream.put(number)
            }
        }
    }

    private func put(_ step: Batch.Step, _ stream: inout CanonicalStream<some StateHasher>) {
        stream.put(step.sequence)
        stream.put(step.time)
    }

    // MARK: snapshot

    func writeBatches(_ writer: inout StateWriter) throws {
        writer.out.put(book.kinds.count)
        for loaded in book.kinds {
            writer.out.put(loaded.kind.code)
            writer.out.put(loaded.text)
        }
        writer.out.put(book.names.count)
        for loaded in book.names {
            writer.out.put(loaded.names.name)
            writer.out.put(loaded.text)
        }
        writer.out.put(book.figures)
        writer.out.put(book.batches.count)
        for batch in book.batches {
            try write(batch, &writer)
            try writer.out.rowEnds()
        }
        writer.out.put(book.erased.count)
        for person in book.erased {
            writer.out.put(person.subject)
            writer.out.put(signed: person.completes)
            writer.out.put(person.sequence)
        }
    }

    private func write(_ batch: Batch, _ writer: inout StateWriter) throws {
        writer.out.put(batch.id)
        writer.out.put(UInt64(batch.party.raw))
        writer.out.put(UInt64(batch.officer.raw &+ 1))
        for text in [batch.kind, batch.kindVersion, batch.number, batch.period] { writer.out.put(text) }
        writer.out.put(UInt64(batch.mode.rawValue))
        try writer.put(batch.manifest)
        try writer.put(batch.fileName)
        writer.out.put(batch.rows)
        writer.out.put(batch.bytes)
        writer.out.put(batch.sums.count)
        for sum in batch.sums {
            writer.out.put(sum.field)
            writer.out.put(signed: sum.sum)
        }
        write(batch.stored, &writer)
        writer.out.put(batch.checked != nil)
        if let (step, found) = batch.checked { write(step, found, &writer) }
        writer.out.put(batch.done != nil)
        if let (step, taken) = batch.done {
            write(step, &writer)
            for number in [taken.place, taken.added, taken.replaced, taken.unchanged, taken.passedOver] {
                writer.out.put(number)
            }
        }
    }

    private func write(_ step: Batch.Step, _ found: Batch.Found, _ writer: inout StateWriter) {
        write(step, &writer)
        writer.out.put(UInt64(found.verdict.rawValue))
        writer.out.put(found.goodRows)
        writer.out.put(found.faultyRows)
        writer.out.put(found.mismatches.count)
        for word in found.mismatches { writer.out.put(word) }
        writer.out.put(found.rowsDigest)
        writer.out.put(found.reportDigest)
    }

    private func write(_ step: Batch.Step, _ writer: inout StateWriter) {
        writer.out.put(step.sequence)
        writer.out.put(signed: step.time)
    }

    mutating func readBatches(_ reader: inout StateReader) throws {
        for _ in 0..<(try reader.input.number(UInt16.self, "the number of kinds of batch")) {
            let (code, text) = (try reader.input.text(), try reader.input.text())
            guard let kind = try? BatchKindFile.kind(path: "\(code).csv", text: text) else {
                throw SnapshotFault.wrong("a kind of batch that cannot be read")
            }
            book.kinds.append(BatchBook.LoadedKind(kind: kind, text: text))
        }
        for _ in 0..<(try reader.input.number(UInt16.self, "the number of lists of names")) {
            let (name, text) = (try reader.input.text(), try reader.input.text())
            guard let names = try? NameList(name: name, path: "text", text: text) else {
                throw SnapshotFault.wrong("a list of names that cannot be read")
            }
            book.names.append(BatchBook.LoadedNames(names: names, text: text))
        }
        book.figures = try reader.input.text()
        for _ in 0..<(try reader.input.number(UInt32.self, "the number of batches")) {
            try readBatch(&reader)
        }
        for _ in 0..<(try reader.input.number(UInt32.self, "the number of erased persons")) {
            let subject = try reader.input.id()
            guard targets[subject] == nil else { throw SnapshotFault.wrong("a person erased twice") }
            enterErased(
                BatchBook.ErasedPerson(
                    subject: subject, completes: try reader.input.signed(),
                    sequence: try reader.input.number()))
        }
    }

    private mutating func readBatch(_ reader: inout StateReader) throws {
        let id = try reader.input.id()
        let party = try readParty(of: &reader)
        let officer = try reader.input.number(UInt32.self, "an officer") &- 1
        guard officer == OfficerIndex.none.raw || Int(officer) < officers.count else {
            throw SnapshotFault.wrong("an officer who is not there")
        }
        let (kind, version) = (try reader.input.text(), try reader.input.text())
        let (number, period) = (try reader.input.text(), try reader.input.text())
        guard let mode = BatchMode(rawValue: try reader.input.number(Int32.self, "a mode")) else {
            throw SnapshotFault.wrong("an unknown mode")
        }
        let (manifest, name) = (try reader.personal(of: id), try reader.personal(of: id))
        let (rows, bytes) = (try reader.input.number(), try reader.input.number())
        var sums: [Batch.Sum] = []
        for _ in 0..<(try reader.input.number(UInt16.self, "the number of sums")) {
            sums.append(Batch.Sum(field: try reader.input.text(), sum: try reader.input.signed()))
        }
        var batch = Batch(
            id: id, party: party, officer: OfficerIndex(raw: officer), kind: kind, kindVersion: version,
            mode: mode, number: number, period: period, manifest: manifest, fileName: name, rows: rows,
            bytes: bytes, sums: sums, stored: try readStep(&reader))
        if try reader.input.flag() { batch.checked = (try readStep(&reader), try readFound(&reader)) }
        if try reader.input.flag() {
            let step = try readStep(&reader)
            let taken = Batch.Taken(
                place: try reader.input.number(), added: try reader.input.number(),
                replaced: try reader.input.number(), unchanged: try reader.input.number(),
                passedOver: try reader.input.number())
            batch.done = (step, taken)
            book.places = max(book.places, taken.place)
        }
        guard targets[id] == nil, book.slot(party, number: number) == nil else {
            throw SnapshotFault.wrong("a batch twice")
        }
        enter(batch)
    }

    private func readStep(_ reader: inout StateReader) throws -> Batch.Step {
        Batch.Step(sequence: try reader.input.number(), time: try reader.input.signed())
    }

    private func readFound(_ reader: inout StateReader) throws -> Batch.Found {
        guard let verdict = BatchVerdict(rawValue: try reader.input.number(Int32.self, "a verdict")) else {
            throw SnapshotFault.wrong("an unknown verdict")
        }
        let (good, faulty) = (try reader.input.number(), try reader.input.number())
        var mismatches: [String] = []
        for _ in 0..<(try reader.input.number(UInt16.self, "the number of mismatches")) {
            mismatches.append(try reader.input.text())
        }
        return Batch.Found(
            verdict: verdict, goodRows: good, faultyRows: faulty, mismatches: mismatches,
            rowsDigest: try reader.input.bytes(), reportDigest: try reader.input.bytes())
    }
}
