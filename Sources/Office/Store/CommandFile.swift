/// A command in a file: in the outbox until it is answered, or on its way by disc.
///
///     offset  bytes
///          0     19   the line "twolists-command/1" and its newline, ASCII
///         19      n   twolists.v1.SignedEnvelope, protobuf
///
/// The first line tells people and `file` what it is, and the version of the form. What follows is exactly what goes over the line. A file
/// that travels is signed; one in the outbox may be unsigned. At most 320 KiB: an envelope of 256 KiB with signature and certificate.
import Foundation
package import Schema
import Wire

package enum CommandFile {
    package static let largestBytes = 320 * 1024
    private static let firstLine = [UInt8]("twolists-command/1\n".utf8)

    package static func encode(_ envelope: SignedEnvelope) -> [UInt8] {
        firstLine + envelope.encoded()
    }

    /// What a file holds, checked as far as that is possible without the server: form, size, an envelope with an id of 16 bytes.
    package static func decode(_ bytes: [UInt8], file: String) throws(FileError) -> (SignedEnvelope, Envelope)
    {
        guard bytes.count <= largestBytes else {
            throw FileError(file, Text("文件过大，不是命令文件", "it is too large to be a command file"))
        }
        guard bytes.starts(with: firstLine) else {
            throw FileError(
                file,
                Text(
                    "不是命令文件(首行应为 twolists-command/1)",
                    "it is no command file (the first line is not twolists-command/1)"))
        }
        do {
            let signed = try SignedEnvelope(decoding: Array(bytes[firstLine.count...]))
            let envelope = try Envelope(decoding: signed.envelope)
            guard envelope.id.count == 16, envelope.command?.body != nil else {
                throw FileError(file, Text("命令不完整", "the command in it is not complete"))
            }
            return (signed, envelope)
        } catch let error as FileError {
            throw error
        } catch {
            throw FileError(file, Text("文件已损坏(\(error))", "it is damaged (\(error))"))
        }
    }

    package static func read(_ path: String) throws(FileError) -> (SignedEnvelope, Envelope) {
        decodeResult: do {
            guard let handle = FileHandle(forReadingAtPath: path) else { break decodeResult }
            defer { try? handle.close() }
            guard let data = try? handle.read(upToCount: largestBytes + 1) else { break decodeResult }
            return try decode(Array(data), file: path)
        }
        throw FileError(path, Text("读不到这个文件", "it cannot be read"))
    }
}

/// A file of this machine that cannot be used.
package struct FileError: Error, Sendable, Hashable {
    package var file: String
    package var problem: Text

    package init(_ file: String, _ problem: Text) {
        self.file = file
        self.problem = problem
    }

    package func text(_ language: Language) -> String {
        language == .zh ? "文件 \(file)：\(problem.zh)。" : "file \(file): \(problem.en)."
    }
}
