//! An import that is only looked at, and one that was stopped and runs again.

use super::*;
use leadbourse_core::time::HOUR;

/// A file, a place for its outcomes, and a market to send to.
struct Bench {
    app: TestApp,
    scene: Scene,
    dir: tempfile::TempDir,
    file: PathBuf,
}

impl Bench {
    async fn set(app: TestApp, rows: usize) -> Self {
        let scene = Scene::set(&app).await;
        let dir = tempfile::tempdir().unwrap();
        let file = dir.path().join("leads.csv");
        generated::write(&file, rows);
        Self { app, scene, dir, file }
    }

    fn results(&self) -> PathBuf {
        self.dir.path().join("results.csv")
    }

    /// On the system's clock, as beside a running server: many rows go together.
    fn import(&self) -> Import {
        let mut wish = import(&self.scene.source, &self.file, &self.results(), None);
        wish.clock_start = None;
        wish.clock_step = None;
        wish
    }

    /// Cuts the result file after so many outcomes, as a kill between commit and writing does.
    fn forget_after(&self, rows: usize) {
        let text = std::fs::read_to_string(self.results()).unwrap();
        let kept: Vec<&str> = text.split_inclusive('\n').take(rows + 1).collect();
        std::fs::write(self.results(), kept.concat()).unwrap();
    }

    async fn run(&self, wish: Import) -> Value {
        super::run(&self.app, wish).await
    }

    async fn count(&self, table: &str) -> i64 {
        use leadbourse::platform::db::Reader as _;
        use sea_orm::{ConnectionTrait as _, Statement};
        let tx = self.app.app.db.begin_read().await.unwrap();
        let sql = format!("SELECT COUNT(*) AS n FROM {table}");
        let statement = Statement::from_string(tx.conn().get_database_backend(), sql);
        tx.conn().query_one_raw(statement).await.unwrap().unwrap().try_get("", "n").unwrap()
    }
}

each_engine! {
    async fn a_dry_run_reads_everything_and_sends_nothing(app: TestApp) {
        let bench = Bench::set(app, 60).await;
        let mut wish = bench.import();
        wish.dry_run = true;
        let summary = bench.run(wish).await;
        assert_eq!((&summary["dry_run"], &summary["rows"]), (&json!(true), &json!(60)));
        assert!(summary["without_a_required_field"].is_u64());
        assert_eq!((bench.count("leads").await, bench.count("awards").await), (0, 0));
        assert!(!bench.results().exists());
        bench.app.finish().await;
    }

    async fn outcomes_that_were_lost_are_written_as_they_were(app: TestApp) {
        let bench = Bench::set(app, 40).await;
        bench.run(bench.import()).await;
        let first = read(&bench.results());
        let sold = |lines: &[HashMap<String, String>]| {
            lines.iter().filter(|line| line["state"] == "SOLD").count()
        };
        assert!(sold(&first[25..]) > 5, "{first:?}");
        let (leads, awards) = (bench.count("leads").await, bench.count("awards").await);

        // Killed after the commit, before the last 15 were written; started again an hour later.
        bench.forget_after(25);
        bench.app.advance(HOUR).await;
        let summary = bench.run(bench.import()).await;
        assert_eq!(summary["sent_now"], json!(15));
        assert!(summary["by_verdict"].get("FAILED").is_none(), "{summary}");
        assert_eq!(read(&bench.results()), first);
        assert_eq!((bench.count("leads").await, bench.count("awards").await), (leads, awards));

        // The same with another consent text: the leads that stand are the outcome.
        bench.forget_after(25);
        let mut wish = bench.import();
        wish.consent = Some("Other words.".to_owned());
        let summary = bench.run(wish).await;
        assert_eq!(summary["sent_now"], json!(15));
        assert_eq!(sold(&read(&bench.results())), sold(&first));
        assert_eq!((bench.count("leads").await, bench.count("awards").await), (leads, awards));
        bench.app.finish().await;
    }

    async fn an_import_that_stopped_goes_on_in_the_middle(app: TestApp) {
        let bench = Bench::set(app, 50).await;
        let mut half = bench.import();
        half.limit = Some(20);
        let summary = bench.run(half).await;
        assert_eq!((&summary["rows"], &summary["sent_now"]), (&json!(20), &json!(20)));
        let before = read(&bench.results());
        // A line that the stop cut off is written again whole.
        let text = std::fs::read_to_string(bench.results()).unwrap();
        std::fs::write(bench.results(), &text[..text.len() - 7]).unwrap();
        let summary = bench.run(bench.import()).await;
        assert_eq!((&summary["rows"], &summary["sent_now"]), (&json!(50), &json!(31)));
        let after = read(&bench.results());
        assert_eq!(&after[..20], &before[..]);
        let rows: Vec<String> = after.iter().map(|line| line["row"].clone()).collect();
        assert_eq!(rows, (1..=50).map(|row| row.to_string()).collect::<Vec<_>>());
        assert_eq!(bench.count("leads").await, 50);
        bench.app.finish().await;
    }
}
