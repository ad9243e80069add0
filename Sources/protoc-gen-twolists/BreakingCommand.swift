import Glibc
import Wire

/// `breaking OLD NEW`: two descriptor sets, as `protoc --descriptor_set_out` writes them. Each promise of OLD that NEW breaks is a line
/// on standard error.
///
/// Exit codes: 0 every promise is kept, 1 some are broken, 2 the command line is wrong or a file cannot be read.
enum BreakingCommand {
    static func run(_ words: [String]) -> Int32 {
        guard words.count == 3, words[0] == "breaking" else {
            return complain(
                [
                    "usage: protoc-gen-twolists breaking OLD.bin NEW.bin; without words it is a plugin of protoc"
                ], 2)
        }
        do throws(Unreadable) {
            let old = try load(words[1])
            // An empty list of promises would be kept by anything.
            if old.isEmpty { throw Unreadable(text: "\(words[1]): holds no file") }
            let found = Breaking(from: old, to: try load(words[2])).complaints
            return complain(found, found.isEmpty ? 0 : 1)
        } catch {
            return complain([error.text], 2)
        }
    }

    private struct Unreadable: Error {
        var text: String
    }

    private static func load(_ path: String) throws(Unreadable) -> [FileDescriptor] {
        let descriptor = open(path, O_RDONLY)
        guard descriptor >= 0 else { throw Unreadable(text: "\(path): cannot be opened") }
        defer { close(descriptor) }
        do throws(WireError) {
            return try FileDescriptorSet(reading: Main.readAll(descriptor), limits: Main.limits).files
        } catch {
            throw Unreadable(text: "\(path): is no descriptor set: \(error)")
        }
    }

    private static func complain(_ lines: [String], _ code: Int32) -> Int32 {
        Main.writeAll(lines.flatMap { Array(($0 + "\n").utf8) }, to: 2)
        return code
    }
}
