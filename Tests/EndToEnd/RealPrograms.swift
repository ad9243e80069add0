import Testing

/// Every suite that runs the real programs, one test after the other: they share two processors with their own servers, and a starved
/// client proves nothing.
@Suite("The real programs", .serialized)
enum RealPrograms {}
