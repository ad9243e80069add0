/// Views as JSON for `--json`. Keys are the schema's field names and stay; enums are their lower-case codes, instants `+08:00` text, days
/// `YYYY-MM-DD`, ids lower-case hex; a field that is not set is null, a text that is not set is "".
package import Schema

extension CivilDate? {
    var json: JSON { self == nil ? .null : .string(text) }
}

private func integer(_ value: Int32) -> JSON { .int(Int64(value)) }
private func texts(_ values: [String]) -> JSON { .array(values.map { .string($0) }) }

/// An enum's code; null when unspecified.
private func enumCode(_ value: some Named) -> JSON { value.rawValue == 0 ? .null : .string(value.code) }

extension ActorView {
    package var json: JSON {
        .object([
            "party": .string(party), "party_name": .string(partyName), "officer": .string(officer),
            "post": .string(post),
        ])
    }
}

extension HistoryEntry {
    package var json: JSON {
        .object([
            "sequence": .uint(sequence), "at": .time(at), "version": .uint(version),
            "actor": actor?.json ?? .null,
            "kind": .string(kind), "state": .string(state), "note": .string(note),
            "asked_deadline": askedDeadline.json, "light": enumCode(light), "step": enumCode(step),
            "deadline": deadline.json,
            "tentative": .bool(tentative),
        ])
    }
}

extension Outcome {
    package var json: JSON {
        .object([
            "done": .bool(isDone), "refusal": isDone ? .null : .string(refusalCode),
            "arguments": .object(arguments.map { JSON.Member($0.name, .string($0.value)) }),
        ])
    }

    /// `version_conflict`
    package var refusalCode: String {
        let name = refusal.name ?? "REFUSAL_UNRECOGNIZED_\(refusal.rawValue)"
        return String(name.dropFirst("REFUSAL_".count)).lowercased()
    }
}

extension CommandAnswer {
    package var json: JSON {
        .object([
            "command_id": .hex(commandId), "outcome": (outcome ?? Outcome()).json, "target": .hex(target),
            "version": .uint(version), "number": .string(number), "sequence": .uint(sequence),
            "recorded_at": .time(recordedAt), "repeated": .bool(repeated), "leaf": .hex(leaf),
            "salt": .hex(salt),
            "changes": .array(changes.map(\.json)), "revealed": .string(revealed),
            "completes_at": .time(completesAt),
        ])
    }
}

extension Contact {
    package var json: JSON { .object(["name": .string(name), "phone": .string(phone)]) }
}

extension RequestText {
    package var json: JSON {
        .object([
            "title": .string(title), "content": .string(content), "category": .string(category),
            "wished_by": wishedBy.json,
            "contact": contact?.json ?? .null,
        ])
    }
}

extension AssignRequest {
    package var json: JSON {
        .object([
            "responsible": .string(responsible), "content": .string(content), "deadline": deadline.json,
            "quality_standard": .string(qualityStandard), "first_post": .string(firstPost),
            "second_post": .string(secondPost), "assisting": texts(assisting),
            "working_days": integer(workingDays),
        ])
    }
}

extension RequestSummary {
    package var json: JSON {
        .object([
            "target": .hex(target), "reference": .string(reference), "number": .string(number),
            "direction": enumCode(direction), "year": integer(year), "wave": enumCode(wave),
            "category": .string(category),
            "title": .string(title), "state": enumCode(state), "requester": .string(requester),
            "requester_name": .string(requesterName), "responsible": .string(responsible),
            "responsible_name": .string(responsibleName), "deadline": deadline.json, "grade": enumCode(grade),
            "version": .uint(version), "submitted_at": .time(submittedAt), "changed_at": .time(changedAt),
            "redo_count": integer(redoCount), "carried_into": .array(carriedInto.map(integer)),
            "question": enumCode(question),
            "light": enumCode(light), "step": enumCode(step),
            "tentative": .bool(tentative),
        ])
    }
}

extension Schema.RequestView {
    /// The result is reported: a percentage from before it holds no more, and is null rather than a number that a script would add up.
    private var isWorkOver: Bool { summary?.state == .reported || summary?.state == .closed }

    package var json: JSON {
        .object([
            "summary": (summary ?? RequestSummary()).json, "text": text?.json ?? .null,
            "decision": enumCode(decision),
            "policy_basis": .string(policyBasis), "obligation": obligation?.json ?? .null,
            "percent": isWorkOver ? .null : integer(percent),
            "result_summary": .string(resultSummary), "satisfaction": enumCode(satisfaction),
            "addressed_to": .string(addressedTo), "next": texts(next),
            "hand_back_count": integer(handBackCount), "conference": conference.json,
            "stage": .string(stage), "asked_extension": askedExtension?.json ?? .null,
            "asked_suspension": askedSuspension?.json ?? .null, "suspension": .string(suspension),
            "first_receiver": .string(firstReceiver), "first_receiver_name": .string(firstReceiverName),
            "extension_count": integer(extensionCount), "duplicate_of": duplicateOf?.json ?? .null,
            "duplicates": .array(duplicates.map(\.json)), "persons": integer(persons),
            "times": integer(times), "attachments": .array(attachments.map(\.json)),
        ])
    }
}

extension AskExtension {
    package var json: JSON { .object(["deadline": deadline.json, "reason": .string(reason)]) }
}

extension AskSuspension {
    package var json: JSON { .object(["code": .string(code), "reason": .string(reason)]) }
}

extension RequestLink {
    package var json: JSON {
        .object(["target": .hex(target), "reference": .string(reference), "number": .string(number)])
    }
}

extension CaseSummary {
    package var json: JSON {
        .object([
            "target": .hex(target), "reference": .string(reference), "number": .string(number),
            "subcategory": .string(subcategory), "state": enumCode(state), "family_name": .string(familyName),
            "unit": .string(unit), "unit_name": .string(unitName), "handler": .string(handler),
            "handler_name": .string(handlerName), "tier": integer(tier), "clause": .string(clause),
            "version": .uint(version), "filed_at": .time(filedAt), "changed_at": .time(changedAt),
            "due": due.json,
        ])
    }
}

extension ServiceSide {
    package var json: JSON {
        .object([
            "rank_band": .string(rankBand), "years_band": .string(yearsBand), "merit": .string(merit),
            "hardship": .string(hardship), "martyr_family": .bool(martyrFamily),
            "approval_organ": .string(approvalOrgan),
        ])
    }
}

extension FamilySide {
    package var json: JSON {
        .object([
            "name": .string(name), "id_number": .string(idNumber), "household_place": .string(householdPlace),
            "schooling": .string(schooling), "profession": .string(profession),
            "contact": contact?.json ?? .null,
        ])
    }
}

extension Material {
    package var json: JSON { .object(["kind": .string(kind), "sha256": .hex(sha256)]) }
}

extension ConcludeCase {
    package var json: JSON {
        .object([
            "placed": .bool(placed), "channel": .string(channel), "employer": .string(employer),
            "post": .string(post),
            "starts": starts.json, "reason": .string(reason),
        ])
    }
}

extension CaseView {
    package var json: JSON {
        .object([
            "summary": (summary ?? CaseSummary()).json, "service": service?.json ?? .null,
            "family": family?.json ?? .null, "wish": .string(wish),
            "materials": .array(materials.map(\.json)),
            "tier_name": .string(tierName), "rule_version": .string(ruleVersion),
            "conclusion": conclusion?.json ?? .null,
            "satisfaction": enumCode(satisfaction), "next": texts(next),
            "child": child?.json ?? .null, "due_basis": enumCode(dueBasis), "due_clause": .string(dueClause),
            "receiver": .string(receiver), "receiver_fixed_on": receiverFixedOn.json,
            "chain": .array(chain.map(\.json)), "missing_materials": texts(missingMaterials),
            "tasks": .array(tasks.map(\.json)), "aid_fen": .int(aidFen), "follow_up": enumCode(followUp),
            "follow_up_note": .string(followUpNote), "followed_up_at": .time(followedUpAt),
            "revealable": texts(revealable), "attachments": .array(attachments.map(\.json)),
        ])
    }
}

extension WhoAmIView {
    package var json: JSON {
        .object([
            "city": .string(city), "city_name": .string(cityName), "party": .string(party),
            "party_name": .string(partyName), "officer": .string(officer), "post": .string(post),
            "roles": .array(roles.map { .string($0.code) }),
            "certificate_ends": .time(
                certificateEnds.multipliedReportingOverflow(by: 1_000_000_000).partialValue),
            "clock": clock.map { .object(["time": .time($0.time), "version": .uint($0.version)]) } ?? .null,
        ])
    }
}

extension PartyView {
    package var json: JSON {
        .object([
            "key": .string(key), "kind": enumCode(kind), "code": .string(code), "name": .string(name),
            "order": integer(order), "parent": .string(parent), "suspended": .bool(suspended),
            "version": .uint(version),
        ])
    }
}

extension CodePage {
    package var json: JSON {
        .object([
            "version": .string(version),
            "entries": .array(entries.map { .object(["code": .string($0.code), "name": .string($0.name)]) }),
        ])
    }
}

extension Change {
    package var json: JSON {
        .object([
            "cursor": .hex(cursor), "target": .hex(target), "reference": .string(reference),
            "number": .string(number),
            "is_case": .bool(isCase), "title": .string(title), "entry": entry?.json ?? .null,
        ])
    }
}
