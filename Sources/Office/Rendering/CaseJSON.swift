package import Schema

extension ChildSide {
    package var json: JSON {
        .object([
            "name": .string(name), "id_number": .string(idNumber), "school": .string(school),
            "stage": .string(stage), "school_year": .int(Int64(schoolYear)), "county": .string(county),
        ])
    }
}

extension EndorsementView {
    package var json: JSON {
        .object([
            "party": .string(party), "party_name": .string(partyName), "passed": .bool(passed),
        ])
    }
}

extension TaskView {
    package var json: JSON {
        .object([
            "number": .int(Int64(number)), "code": .string(code), "name": .string(name),
            "party": .string(party), "party_name": .string(partyName), "mandatory": .bool(mandatory),
            "deadline": deadline.json, "state": .string(state.code), "answer": .string(answer),
            "changed_at": .time(changedAt),
        ])
    }
}

extension CareFundView {
    package var json: JSON {
        .object([
            "held_fen": .int(heldFen), "income_fen": .int(incomeFen), "outgo_fen": .int(outgoFen),
            "entries": .array(
                entries.map {
                    .object([
                        "at": .time($0.at), "fen": .int($0.fen), "source": .string($0.source),
                        "basis": .string($0.basis), "number": .string($0.number),
                    ])
                }), "version": .uint(version),
        ])
    }
}
