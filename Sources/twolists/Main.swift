import Glibc

@main
enum Main {
    static func main() {
        let words = CommandLine.arguments
        if words.count > 1, words[1] == "ca" { exit(runCA(Array(words.dropFirst(2)), chinese: true)) }
    }
}
