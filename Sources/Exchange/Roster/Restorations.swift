import Schema

/// A restore that cut acknowledged records, as its RESTORED record declares it (JOURNAL.md 3.3). Clients who hold a checkpoint of what was cut
/// are told of it in full once the security administrator has confirmed it.
package struct Restoration: Sendable, Hashable {
    /// Of the RESTORED record.
    package let sequence: UInt64
    /// Its journal time, ns UTC.
    package let time: Int64
    /// Its body, which proves the rest.
    package let record: [UInt8]
    package let keptRecords: UInt64
    /// Records of the history that was cut.
    package let cutRecords: UInt64
    /// Journal time of the confirmation, ns UTC; 0: it is awaited.
    package internal(set) var confirmedAt: Int64 = 0

    package init(sequence: UInt64, time: Int64, record: [UInt8], keptRecords: UInt64, cutRecords: UInt64) {
        self.sequence = sequence
        self.time = time
        self.record = record
        self.keptRecords = keptRecords
        self.cutRecords = cutRecords
    }
}

extension State {
    /// Takes in a RESTORED record; it is no command, and comes from the journal alone.
    package mutating func note(_ restoration: Restoration) {
        restorations.append(restoration)
        lastSequence = restoration.sequence
    }

    /// That it was not confirmed before has been asked with its target.
    func confirm(_ command: ConfirmRestoration) throws(Rejection) -> EventBody {
        guard let found = restorations.first(where: { $0.sequence == command.sequence }) else {
            throw Rejection(.notFound, ["command": CommandKind.confirmRestoration.name])
        }
        guard found.keptRecords == command.keptRecords else { throw .invalid("kept_records", "mismatch") }
        guard found.cutRecords == command.cutRecords else { throw .invalid("cut_records", "mismatch") }
        return .restorationConfirmed(EventV1.RestorationConfirmed(sequence: command.sequence))
    }

    mutating func apply(_ event: EventV1.RestorationConfirmed, _ context: EventContext) {
        guard let index = restorations.firstIndex(where: { $0.sequence == event.sequence })
        else { corruption("a confirmation of no restore") }
        restorations[index].confirmedAt = context.time
        version(context)
    }

    /// Nothing where there are none: the hash of a store that was never cut is what it always was.
    func digestRestorations(_ stream: inout CanonicalStream<some StateHasher>) {
        guard !restorations.isEmpty else { return }
        stream.put("restorations")
        stream.put(restorations.count)
        for restoration in restorations {
            stream.put(restoration.sequence)
            stream.put(restoration.time)
            stream.put(restoration.record)
            stream.put(restoration.confirmedAt)
        }
    }

    // MARK: snapshot

    func writeRestorations(_ writer: inout StateWriter) {
        writer.out.put(restorations.count)
        for restoration in restorations {
            writer.out.put(restoration.sequence)
            writer.out.put(signed: restoration.time)
            writer.out.put(restoration.record)
            writer.out.put(restoration.keptRecords)
            writer.out.put(restoration.cutRecords)
            writer.out.put(signed: restoration.confirmedAt)
        }
    }

    mutating func readRestorations(_ reader: inout StateReader) throws {
        for _ in 0..<(try reader.input.number(UInt32.self, "the number of restorations")) {
            var restoration = Restoration(
                sequence: try reader.input.number(), time: try reader.input.signed(),
                record: try reader.input.bytes(), keptRecords: try reader.input.number(),
                cutRecords: try reader.input.number())
            restoration.confirmedAt = try reader.input.signed()
            restorations.append(restoration)
        }
    }
}
