package import Schema

/// How many of each thing a package holds: for the screen and the sheet.
package struct PackageCounts: Sendable, Hashable {
    package var commands = 0
    package var answers = 0
    package var requests = 0
    package var cases = 0
    /// By their manifests.
    package var batches = 0
    /// Batches that answers go to.
    package var batchAnswers = 0
    /// From the bureau, whose packages have them piece by piece.
    package var attachments = 0
    package var rounds = 0

    package init() {}

    package mutating func count(_ item: PackageItem) {
        switch item.body {
        case .command: commands += 1
        case .answer: answers += 1
        case .requestUpdate: requests += 1
        case .caseUpdate: cases += 1
        case .batchPart(let part): batches += part.isManifest ? 1 : 0
        case .batchUpdate: batchAnswers += 1
        case .attachmentPart(let part): attachments += part.offset == 0 ? 1 : 0
        case .roundFile: rounds += 1
        default: break
        }
    }

    /// Those there are, with their names.
    package var lines: [(Text, Int)] {
        [
            (Text("命令", "commands"), commands), (Text("答复", "answers"), answers),
            (Text("需求进展", "requests"), requests), (Text("个案进展", "cases"), cases),
            (Text("批量数据和附件", "batches and attachments"), batches),
            (Text("批次答复", "answers to batches"), batchAnswers),
            (Text("附件", "attachments"), attachments), (Text("选岗公布文件", "published rounds"), rounds),
        ].filter { $0.1 > 0 }
    }

    package var json: JSON {
        .object([
            "commands": .int(Int64(commands)), "answers": .int(Int64(answers)),
            "requests": .int(Int64(requests)), "cases": .int(Int64(cases)), "batches": .int(Int64(batches)),
            "batch_answers": .int(Int64(batchAnswers)), "attachments": .int(Int64(attachments)),
            "rounds": .int(Int64(rounds)),
        ])
    }
}
