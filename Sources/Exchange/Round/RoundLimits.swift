/// The limits of a round of placement (ROUND.md 6). They bound memory before anything is read, and keep every sum far within an Int64.
package enum RoundLimits {
    package static let people = 20_000  // a province's year; a city's is a few hundred
    package static let posts = 20_000  // so that there may be more posts than people
    package static let seats = 1_000  // of one post: whole recruitments stay one line
    package static let evidence = 64  // records of one person that earn points
    package static let count = 1_000  // of one record: years, months, times
    package static let groups = 40  // of a points table, which is printed on a page
    package static let items = 400  // of a points table
    package static let tenths = 100_000  // points of one item or cap: ten thousand whole points
    package static let listed = 1_000  // posts on one list of preferences; whoever wants more picks live
    package static let textBytes = 400  // of a text: a hundred characters, four bytes each
    package static let tokenBytes = Limits.tokenBytes  // of a key or code
    package static let valueBytes = 200  // of the public value, as it is read out
    package static let secretBytes = 32  // nobody guesses it before it is told
    package static let fileBytes = 64 << 20  // a round of the largest size has about twenty million
}
