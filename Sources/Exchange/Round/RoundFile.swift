/// A round from its inputs to its end, and the file in which it is published: everything a stranger needs to do it again, and no number of an
/// identity document. Protocol/ROUND.md is its specification.
package struct RoundFile: Sendable, Hashable {
    package static let version = "1"
    package static let algorithm = "sha-256"

    package let inputs: RoundInputs
    /// Revealed when the draw is opened.
    package let secret: [UInt8]
    /// The public value, as it was read out.
    package let publicValue: String
    /// Beside `inputs.people`.
    package let choices: [RoundChoice]

    package init(inputs: RoundInputs, secret: [UInt8], publicValue: String, choices: [RoundChoice])
        throws(RoundFault)
    {
        guard secret.count == RoundLimits.secretBytes else { throw RoundFault(.malformed, .secret) }
        guard RoundDraw.isPublicValue(publicValue) else { throw RoundFault(.malformed, .value) }
        guard choices.count == inputs.people.count else { throw RoundFault(.choice, .person) }
        self.inputs = inputs
        self.secret = secret
        self.publicValue = publicValue
        self.choices = choices
    }

    /// Works the round out.
    ///
    /// - Throws: `taken` for a live pick of a post that had no free seat.
    package func outcome(_ hash: RoundHash) throws(RoundFault) -> RoundOutcome {
        let draw = RoundDraw(
            secret: secret, inputsDigest: inputs.digest(hash), publicValue: publicValue, hash: hash)
        let scores = inputs.people.map { inputs.table.score($0.evidence) }
        let order = RoundOrder(scores, ties: inputs.ties) { draw.number(of: inputs.people[$0].key, hash) }
        var picking = RoundPicking(seats: inputs.posts.map(\.seats))
        for place in order.places {
            guard picking.take(place.person, choices[place.person]) != nil else {
                throw RoundFault(.taken, .pick, inputs.people[place.person].key)
            }
        }
        return RoundOutcome(draw: draw, scores: scores, order: order, picking: picking)
    }

    /// The file's bytes: equal rounds give equal bytes.
    package func bytes(_ outcome: RoundOutcome, _ hash: @escaping RoundHash) -> [UInt8] {
        var writer = RoundFileWriter(file: self, outcome: outcome, hash: hash)
        return writer.bytes()
    }
}

/// What follows from the inputs, the draw and the choices.
package struct RoundOutcome: Sendable {
    package let draw: RoundDraw
    /// Beside `RoundInputs.people`.
    package let scores: [PointsScore]
    package let order: RoundOrder
    package let picking: RoundPicking

    /// How often people were compared and posts looked at.
    package var cost: Int { order.comparisons + picking.looks }
}

/// Writes what stands behind the inputs.
private struct RoundFileWriter {
    let file: RoundFile
    let outcome: RoundOutcome
    let hash: RoundHash
    private var writer = RoundWriter()

    init(file: RoundFile, outcome: RoundOutcome, hash: @escaping RoundHash) {
        self.file = file
        self.outcome = outcome
        self.hash = hash
    }

    private var inputs: RoundInputs { file.inputs }

    mutating func bytes() -> [UInt8] {
        let frozen = inputs.bytes
        writer.line(.inputs, hex: outcome.draw.inputsDigest)
        writer.line(.secret, hex: file.secret)
        writer.line(.value, file.publicValue)
        writer.line(.seed, hex: outcome.draw.seed)
        for (person, choice) in file.choices.enumerated() { write(choice, of: person) }
        for (person, score) in outcome.scores.enumerated() { write(score, of: person) }
        for (index, place) in outcome.order.places.enumerated() { write(place, index + 1) }
        for (index, turn) in outcome.picking.turns.enumerated() { write(turn, index + 1) }
        writeSheets()
        for (post, free) in outcome.picking.free.enumerated() where free > 0 {
            writer.line(.free, inputs.posts[post].key, String(free))
        }
        let body = frozen + writer.bytes
        var last = RoundWriter()
        last.line(.end, hex: hash(RoundDraw.Use.file.beginning + body))
        return body + last.bytes
    }

    private mutating func write(_ choice: RoundChoice, of person: Int) {
        let key = inputs.people[person].key
        switch choice {
        case .list(let posts):
            writer.begin(.list)
            writer.put(key)
            for post in posts { writer.put(inputs.posts[post].key) }
            writer.end()
        case .pick(let post): writer.line(.pick, key, inputs.posts[post].key)
        case .pass: writer.line(.pass, key)
        case .withdrawn: writer.line(.withdrawn, key)
        }
    }

    private mutating func write(_ score: PointsScore, of person: Int) {
        writer.line(.score, inputs.people[person].key, String(score.total))
        for trace in score.traces {
            writer.begin(.trace)
            writer.put(inputs.table.items[trace.item].code)
            for number in [trace.recorded, trace.unrecorded, trace.gross, trace.counted] {
                writer.put(number)
            }
            writer.end()
        }
        for subtotal in score.subtotals {
            writer.begin(.subtotal)
            writer.put(inputs.table.groups[subtotal.group].code)
            writer.put(subtotal.gross)
            writer.put(subtotal.counted)
            writer.end()
        }
    }

    private mutating func write(_ place: RoundOrder.Place, _ number: Int) {
        let person = inputs.people[place.person]
        writer.begin(.rank)
        writer.put(number)
        writer.put(person.key)
        writer.put(person.maskedName)
        writer.put(outcome.scores[place.person].total)
        writer.put(word(place.basis))
        if let drawn = place.drawn { writer.put(hex: drawn) } else { writer.put("-") }
        writer.end()
    }

    private func word(_ basis: RoundOrder.Basis) -> String {
        switch basis {
        case .first: "first"
        case .score: "score"
        case .tie(let group): "tie:\(inputs.table.groups[group].code)"
        case .draw: "draw"
        }
    }

    private mutating func write(_ turn: RoundTurn, _ number: Int) {
        writer.begin(.turn)
        writer.put(number)
        writer.put(inputs.people[turn.person].key)
        writer.put(turn.how.rawValue)
        writer.put(turn.post.map { inputs.posts[$0].key } ?? "-")
        writer.put(ifAny: turn.wish == 0 ? nil : turn.wish)
        writer.end()
    }

    /// What each confirmation sheet (选岗确认表) says, in the order of the turns.
    private mutating func writeSheets() {
        for sheet in outcome.sheets(inputs) {
            writer.begin(.sheet)
            for field in sheet.fields { writer.put(field) }
            writer.put(sheet.checkCode(outcome.draw, hash))
            writer.end()
        }
    }
}

extension RoundOutcome {
    /// One for each who got a post, in the order of the turns.
    package func sheets(_ inputs: RoundInputs) -> [RoundSheet] {
        var sheets: [RoundSheet] = []
        for (index, turn) in picking.turns.enumerated() {
            guard let post = turn.post else { continue }
            sheets.append(
                RoundSheet(
                    number: sheets.count + 1, person: inputs.people[turn.person], place: index + 1,
                    tenths: scores[turn.person].total, post: inputs.posts[post]))
        }
        return sheets
    }
}

/// The data of one confirmation sheet.
package struct RoundSheet: Sendable, Hashable {
    /// Within the round, counted from one.
    package let number: Int
    package let person: RoundPerson
    package let place: Int
    package let tenths: Int
    package let post: RoundPost

    package init(number: Int, person: RoundPerson, place: Int, tenths: Int, post: RoundPost) {
        self.number = number
        self.person = person
        self.place = place
        self.tenths = tenths
        self.post = post
    }

    /// The sheet's fields in the file, without its check code.
    var fields: [String] {
        [
            String(number), person.key, person.maskedName, String(place), String(tenths), post.key,
            post.destination, post.employer, post.title,
        ]
    }

    /// Ten hexadecimal digits by which a printed sheet is held against the published file.
    package func checkCode(_ draw: RoundDraw, _ hash: RoundHash) -> String {
        let joined = Array(fields.joined(separator: "\t").utf8)
        var writer = RoundWriter()
        writer.put(hex: hash(RoundDraw.Use.sheet.beginning + draw.seed + joined).prefix(5))
        return String(decoding: writer.bytes.dropFirst(), as: UTF8.self)
    }
}
