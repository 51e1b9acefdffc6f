mod counting {
    #[test]
    fn new_clock_counts_nothing() {}
}

mod laws {
    #[test]
    fn compare_is_a_partial_order() {}

    #[test]
    fn compare_is_happened_before() {}
}
