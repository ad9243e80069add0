internal import Crypto
import Foundation
package import Schema
internal import Wire

/// The server's later answers to batches, beside the receipts of commands: `BATCH.checked.answer`, `BATCH.done.answer`; the line
/// `twolists-batch-answer/1`, then the encoded answer. With the CA file it proves by itself what was taken, and when.
package struct AnswerShelf: Sendable {
    private static let mark = Array("twolists-batch-answer/1\n".utf8)
    private static let largestBytes = 1 << 20
    private let folder: String

    package init(folder: String) { self.folder = folder }

    private func path(_ batch: [UInt8], _ stage: BatchStage) -> String {
        folder + "/" + Hex.encode(batch) + "." + BatchText.word(stage).en + ".answer"
    }

    package func keep(_ answer: BatchAnswer, of batch: [UInt8]) throws(FileError) {
        let path = path(batch, answer.stage)
        do throws(CryptoError) {
            try DurableFile.makeDirectory(folder)
            try DurableFile.replace(path, Self.mark + answer.encoded(), mode: 0o600)
        } catch {
            throw FileError(path, Text("不能写入", "it cannot be written (\(error))"))
        }
    }

    package func kept(_ batch: [UInt8], _ stage: BatchStage) -> BatchAnswer? {
        guard let bytes = try? DurableFile.read(path(batch, stage), limit: Self.largestBytes),
            bytes.starts(with: Self.mark)
        else { return nil }
        return try? BatchAnswer(decoding: Array(bytes.dropFirst(Self.mark.count)))
    }
}
